/**
 * Saving as a state machine: what is known of the server's draft, what is not saved yet, what is to be done now. Pure:
 * each function gives the state after something has happened; `duty` says what follows from it, and the saver does it.
 *
 * There is one request at a time, and a draft is written only over the revision that it was made from. So nothing of
 * somebody else's is ever lost; whoever comes second fetches, merges, and saves that.
 */

import { same, sharing } from "../model/json.js";
import { merge } from "../model/merge.js";

/**
 * @typedef {import("../model/document.js").Document} Document
 * @typedef {import("../model/merge.js").Conflict} Conflict
 * @typedef {object} State
 * @property {Document} base what the server has at the revision
 * @property {number} revision
 * @property {Document} mine the document as it is being edited
 * @property {boolean} dirty whether the two differ
 * @property {Document | null} sending what is on its way to the server
 * @property {boolean} fetching
 * @property {readonly Document[]} doubtful what was sent while nobody knows whether it arrived, the last first
 * @property {Document | null} refused what the server does not take
 * @property {boolean} behind whether the server may have something newer
 * @property {number} heard the newest revision that was heard of
 * @property {number} sought the newest that was heard of when the server was last asked
 * @property {number | null} since when the first change was made that is not saved
 * @property {number} changedAt
 * @property {number} tries how often in a row it did not work
 * @property {number} retryAt nothing is tried before
 * @property {"" | "offline" | "refused"} trouble
 * @property {string} reason of the trouble, for people
 * @property {number | null} savedAt
 * @typedef {{do: "put", document: Document, revision: number} | {do: "get", revision: number} | {do: "wait", until: number} | {do: "rest"}} Duty
 * @typedef {{document: Document, theirs: Document, base: Document, mine: Document, conflicts: Conflict[], renamed: ReadonlyMap<string, string>}} Arrival
 *   what others have made, merged: the document to go on with, and the three that it was made of
 * @typedef {"offline" | "busy" | "document" | "rights"} Failure the server did not answer; could not; does not take this; not from you
 * @typedef {{state: "saved" | "saving" | "unsaved" | "offline" | "conflict", at: Date | null, revision: number, edits: number, reason: string}} Saving
 */

const GATHERS_MS = 1000;
const LONGEST_MS = 1700;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

/** @param {{document: Document, revision: number}} draft as the server has it @returns {State} */
export const begun = ({ document, revision }) => ({
  base: document, revision, mine: document, dirty: false, sending: null, fetching: false, doubtful: [], refused: null,
  behind: false, heard: revision, sought: revision, since: null, changedAt: 0, tries: 0, retryAt: 0, trouble: "", reason: "", savedAt: null,
});

/** What there is to do now. @param {State} state @param {number} now @returns {Duty} */
export function duty(state, now) {
  if (state.sending || state.fetching) return { do: "rest" };
  const behind = isBehind(state);
  const due = behind ? now : dueAt(state);
  if (due === Infinity) return { do: "rest" };
  const at = Math.max(due, state.retryAt);
  if (at > now) return { do: "wait", until: at };
  if (behind) return { do: "get", revision: state.revision };
  return { do: "put", document: state.mine, revision: state.revision };
}

/** Whether somebody else may have saved. @param {State} state */
export const isBehind = ({ behind, heard, revision }) => behind || heard > revision;

/** A moment after the last change, and not long after the first. @param {State} state */
function dueAt({ mine, refused, dirty, since, changedAt }) {
  return dirty && since !== null && mine !== refused ? Math.min(changedAt + GATHERS_MS, since + LONGEST_MS) : Infinity;
}

/** The document was changed here. @param {State} state @param {Document} mine @param {number} now @returns {State} */
export function edited(state, mine, now) {
  const dirty = differs(mine, state.base);
  return { ...state, mine, dirty, since: dirty ? state.since ?? now : null, changedAt: now };
}

/** Saving shall not wait any longer. @param {State} state @returns {State} */
export const hurried = (state) => ({ ...state, since: state.dirty ? 0 : null, changedAt: 0, retryAt: 0, refused: null });

/** @param {State} state @returns {State} */
export const sent = (state) => ({ ...state, sending: state.mine, since: null });

/** @param {State} state @returns {State} */
export const asked = (state) => ({ ...state, fetching: true, behind: false, sought: state.heard });

/** What was sent is saved. @param {State} state @param {{revision: number, now: number}} answer @returns {State} */
export function saved(state, { revision, now }) {
  const base = state.sending ?? state.base;
  const dirty = differs(state.mine, base);
  return { ...well(state), base, revision, dirty, sending: null, doubtful: [], since: dirty ? state.since ?? now : null, savedAt: now };
}

/** What was sent came too late: somebody else has saved. @param {State} state @returns {State} */
export const outrun = (state) => ({ ...well(state), sending: null, since: state.since ?? 0, behind: true });

/** The server has nothing newer. @param {State} state @returns {State} */
export const unchanged = (state) => ({ ...well(state), fetching: false, heard: heardSince(state, state.revision) });

/**
 * What was heard of while the answer came may be newer than it.
 * @param {State} state @param {number} revision of the answer
 */
const heardSince = ({ heard, sought }, revision) => (heard > sought ? heard : revision);

/**
 * Somebody has saved: oneself, if it is the revision that the answer to come will tell.
 * @param {State} state @param {number} [revision] unknown after the page was cut off @returns {State}
 */
export function poked(state, revision) {
  return revision === undefined ? { ...state, behind: true } : { ...state, heard: Math.max(state.heard, revision) };
}

/** The network is there again. @param {State} state @returns {State} */
export const online = (state) => ({ ...state, retryAt: 0, tries: 0, behind: true });

/** The network is gone. @param {State} state @returns {State} */
export const offline = (state) => ({ ...state, trouble: "offline", reason: "" });

/**
 * The server has another draft than the one that was known: it is merged with what was made here.
 * @param {State} state @param {{document: Document, revision: number}} draft @returns {{state: State, arrival: Arrival | null}}
 */
export function fetched(state, draft) {
  const now = { ...unchanged(state), heard: heardSince(state, draft.revision) };
  if (draft.revision === state.revision) return { state: now, arrival: null };
  const { mine } = state;
  const theirs = sharing(draft.document, mine);
  const base = state.doubtful.find((sent) => holds(theirs, state.base, sent)) ?? state.base;
  const { document, conflicts, renamed } = merge(base, mine, theirs);
  const dirty = differs(document, theirs);
  const next = { ...now, base: theirs, revision: draft.revision, mine: document, dirty, doubtful: [], since: dirty ? 0 : null };
  return { state: next, arrival: { document, theirs, base, mine, conflicts, renamed } };
}

/**
 * Whether a document has all that was made of the base: then what was sent has arrived, whoever has saved after it.
 * @param {Document} document @param {Document} base @param {Document} made
 */
const holds = (document, base, made) => same(merge(base, made, document, { twins: true }).document, document);

/**
 * A request came to nothing. What was sent may have arrived all the same, unless the server has said otherwise.
 * @param {State} state @param {{failure: Failure, reason: string, now: number, random: number}} what @returns {State}
 */
export function failed(state, { failure, reason, now, random }) {
  const tries = state.tries + 1;
  const isDoubtful = state.sending && (failure === "offline" || failure === "busy");
  return {
    ...state,
    sending: null,
    fetching: false,
    behind: state.behind || state.fetching,
    doubtful: state.sending && isDoubtful ? [state.sending, ...state.doubtful] : state.doubtful,
    refused: failure === "document" ? state.sending : state.refused,
    since: state.dirty ? state.since ?? 0 : null,
    tries,
    retryAt: failure === "document" ? 0 : now + pause(failure === "rights" ? Infinity : tries, random),
    trouble: failure === "offline" ? "offline" : "refused",
    reason,
  };
}

/**
 * Longer after each failure, and not for everybody at the same moment.
 * @param {number} tries @param {number} random 0 to 1
 */
const pause = (tries, random) => Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LAST_RETRY_MS) * (0.75 + 0.5 * random);

/** The server answers; what it has refused stays refused. @param {State} state @returns {State} */
function well(state) {
  const answering = { ...state, tries: 0, retryAt: 0 };
  return state.refused && state.refused === state.mine ? answering : { ...answering, refused: null, trouble: "", reason: "" };
}

/** @param {Document} one @param {Document} other */
const differs = (one, other) => one !== other && !same(one, other);

/** What people are told. @param {State} state @param {{edits: number, clash: boolean}} around @returns {Saving} */
export function savingOf(state, { edits, clash }) {
  const at = state.savedAt === null ? null : new Date(state.savedAt);
  return { state: wordFor(state, clash), at, revision: state.revision, edits: state.dirty ? edits : 0, reason: state.reason };
}

/** @param {State} state @param {boolean} clash @returns {Saving["state"]} */
function wordFor({ sending, dirty, trouble }, clash) {
  if (clash) return "conflict";
  if (trouble === "offline") return "offline";
  if (sending && !trouble) return "saving";
  return dirty ? "unsaved" : "saved";
}
