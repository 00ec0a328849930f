/** Keeps a session's draft saved: does what the plan says, one request at a time, and tells the session what became of it. */

import * as plan from "./plan.js";

/**
 * @typedef {import("../session.js").Session} Session
 * @typedef {import("../session.js").Both} Both
 * @typedef {import("../model/document.js").Document} Document
 * @typedef {import("./plan.js").State} State
 * @typedef {{revision: number, document: Document, actor?: string}} Draft
 * @typedef {{kind: "failed", failure: import("./plan.js").Failure, reason: string}} FailedAnswer
 * @typedef {{kind: "saved", revision: number} | {kind: "outrun"} | FailedAnswer} PutAnswer
 * @typedef {{kind: "draft", draft: Draft} | {kind: "unchanged"} | FailedAnswer} GetAnswer
 * @typedef {{put: (document: Document, revision: number) => Promise<PutAnswer>, get: (known: number) => Promise<GetAnswer>}} Server
 * @typedef {{now: () => number, random: () => number, wait: (milliseconds: number, then: () => void) => () => void}} Clock
 * @typedef {{keep: (saver: Saver) => void}} Keeper
 * @typedef {{server: Server, keeper?: Keeper | null, clock?: Clock, user?: string}} Around
 */

/** @type {Clock} */
export const CLOCK = {
  now: () => Date.now(),
  random: () => Math.random(),
  wait: (milliseconds, then) => {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
};

export class Saver {
  /**
   * @param {Session} session
   * @param {Around & {state: State}} around
   */
  constructor(session, { server, state, keeper = null, clock = CLOCK, user = "" }) {
    this.session = session;
    this.user = user;
    this.server = server;
    this.state = state;
    this.keeper = keeper;
    this.clock = clock;
    /** Deeds up to this number are saved. */
    this.savedThrough = 0;
    this.cancelWait = () => {};
    /** @type {Set<{done: (revision: number) => void, fail: (error: Error) => void}>} */
    this.waiting = new Set();
  }

  /** From now on every change of the session is saved. */
  start() {
    this.session.saver = this;
    this.session.addEventListener("document", () => this.#hear());
    this.session.addEventListener("conflict", () => this.#turn(this.state));
    this.#turn(this.state);
  }

  /** @returns {Promise<number>} */
  saveNow() {
    return new Promise((done, fail) => {
      this.waiting.add({ done, fail });
      this.#turn(plan.hurried(this.state));
    });
  }

  /** The page may be gone in a moment: what can be sent, is sent now. */
  flush() {
    if (this.state.dirty) this.#turn(plan.hurried(this.state));
  }

  /** Somebody has saved, or may have. @param {number} [revision] */
  look(revision) {
    this.#turn(plan.poked(this.state, revision));
  }

  online() {
    this.#turn(plan.online(this.state));
  }

  offline() {
    this.#turn(plan.offline(this.state));
  }

  /** Takes the server's draft as an answer that has come. @param {Draft} draft */
  take(draft) {
    const { state, arrival } = plan.fetched(this.state, draft);
    if (arrival) this.#arrive(arrival, (draft.actor === this.user ? "another tab" : draft.actor) || "somebody else");
    this.#turn(state);
  }

  #hear() {
    const { document } = this.session;
    if (document !== this.state.mine) this.#turn(plan.edited(this.state, document, this.clock.now()));
  }

  /** Goes on from a state: does what is due, and tells. @param {State} state */
  #turn(state) {
    this.state = state;
    this.cancelWait();
    const now = this.clock.now();
    const duty = plan.duty(state, now);
    if (duty.do === "wait") this.cancelWait = this.clock.wait(duty.until - now, () => this.#turn(this.state));
    else if (duty.do === "put") void this.#put(duty.document, duty.revision);
    else if (duty.do === "get") void this.#get(duty.revision);
    this.#settle();
    this.#tell();
    this.keeper?.keep(this);
  }

  /** @param {Document} document @param {number} revision */
  async #put(document, revision) {
    this.state = plan.sent(this.state);
    const through = this.session.history.last?.number ?? 0;
    const answer = await this.server.put(document, revision);
    if (answer.kind === "saved") this.savedThrough = through;
    if (answer.kind === "saved") this.#turn(plan.saved(this.state, { revision: answer.revision, now: this.clock.now() }));
    else if (answer.kind === "outrun") this.#turn(plan.outrun(this.state));
    else this.#fail(answer);
  }

  /** @param {number} known */
  async #get(known) {
    this.state = plan.asked(this.state);
    const answer = await this.server.get(known);
    if (answer.kind === "draft") this.take(answer.draft);
    else if (answer.kind === "unchanged") this.#turn(plan.unchanged(this.state));
    else this.#fail(answer);
  }

  /** @param {{failure: import("./plan.js").Failure, reason: string}} answer */
  #fail({ failure, reason }) {
    this.#turn(plan.failed(this.state, { failure, reason, now: this.clock.now(), random: this.clock.random() }));
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const { fail } of waiting) fail(new Error(reason || "The server cannot be reached; your edits are kept here."));
  }

  /** Whoever waits for everything to be saved is told when it is. */
  #settle() {
    const { dirty, sending, fetching, revision } = this.state;
    if (dirty || sending || fetching || plan.isBehind(this.state)) return;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const { done } of waiting) done(revision);
  }

  /** @param {import("./plan.js").Arrival} arrival @param {string} actor */
  #arrive({ document, theirs, base, mine, conflicts, renamed }, actor) {
    this.state = { ...this.state, mine: document };
    this.session.arrive(document, `Changes by ${actor}`, renamed);
    if (conflicts.length) this.clash({ actor, base, mine, theirs, conflicts });
  }

  /**
   * Tells of what clashes; mine stands in the document.
   * @param {Omit<Both, "conflicts"> & {conflicts: import("../model/merge.js").Conflict[]}} both
   */
  clash(both) {
    this.session.setConflict(joined(this.session.conflict, both));
  }

  /** How many deeds are not saved. */
  get unsaved() {
    const { entries, position } = this.session.history;
    return Math.max(1, entries.slice(0, position).filter(({ number }) => number > this.savedThrough).length);
  }

  #tell() {
    const { state, session } = this;
    const saving = plan.savingOf(state, { edits: this.unsaved, clash: session.conflict !== null });
    const isNews = String(Object.values(saving)) !== String(Object.values(session.saving));
    if (isNews || session.savedDocument !== state.base) session.setSaving(saving, state.base);
  }
}

/** A conflict with the step that it is in, and the way from there. @param {import("../model/merge.js").Conflict} conflict */
function placed(conflict) {
  const [part, name, ...rest] = conflict.where;
  return part === "steps" ? { ...conflict, step: name ?? null, path: rest } : { ...conflict, step: null, path: conflict.where };
}

/**
 * What is told already and not decided stays, unless it is told anew.
 * @param {Both | null} before @param {Omit<Both, "conflicts"> & {conflicts: import("../model/merge.js").Conflict[]}} fresh
 * @returns {Both}
 */
function joined(before, fresh) {
  const conflicts = fresh.conflicts.map(placed);
  const told = new Set(conflicts.map(({ where }) => JSON.stringify(where)));
  const still = (before?.conflicts ?? []).filter(({ where }) => where[0] === "notes" || !told.has(JSON.stringify(where)));
  return { ...fresh, conflicts: [...still, ...conflicts] };
}
