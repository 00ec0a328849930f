/**
 * Opens the page's session: the draft as the server has it, and on top of it what this browser has kept of earlier
 * visits; from then on it is saved here and there.
 */

import { live } from "../../live.js";
import { History } from "../history.js";
import { merge } from "../model/merge.js";
import { Session } from "../session.js";
import { openDatabase } from "./database.js";
import { draftServer } from "./draft_server.js";
import { Keeper, keptVisits } from "./keeper.js";
import { begun, edited } from "./plan.js";
import { Saver } from "./saver.js";
import { leftOf, ownTab } from "./visits.js";

/**
 * @typedef {import("../model/document.js").Document} Document
 * @typedef {import("./keeper.js").Visit} Visit
 * @typedef {import("./saver.js").Draft} Draft
 * @typedef {import("./saver.js").Around} Around
 * @typedef {{pipeline: {id: string}, draft: Draft, urls: {draft: string}, schema: any, user: string}} EditorData
 */

/** @param {any} data the page's editor-data @returns {Promise<Session>} */
export async function openSession(data) {
  const { pipeline, draft, urls, user } = /** @type {EditorData} */ (data);
  const name = `${user}/${pipeline.id}`;
  const tab = await ownTab(name);
  const database = await openDatabase();
  const visits = database ? await leftVisits(database, name, tab) : [];
  const keeper = database && new Keeper(database, name, tab);
  const saver = resumed(visits, data, { server: draftServer(urls.draft), keeper, user });
  saver.take(draft);
  saver.start();
  for (const visit of visits.slice(1)) takeUp(saver, visit);
  void keeper?.forget(visits.map((visit) => visit.tab).filter((one) => one !== tab));
  const topic = `draft:${pipeline.id}`;
  live.watch(topic, (poke) => saver.look(poke?.revision));
  live.meet(topic, (others) => saver.session.setOthers(others));
  hearWindow(saver, keeper);
  return saver.session;
}

/**
 * The visits that were left, one's own first.
 * @param {IDBDatabase} database @param {string} name @param {string} tab @returns {Promise<Visit[]>}
 */
async function leftVisits(database, name, tab) {
  try {
    const left = await leftOf(name, await keptVisits(database, name), tab);
    return [...left.filter((visit) => visit.tab === tab), ...left.filter((visit) => visit.tab !== tab)];
  } catch {
    return [];
  }
}

/**
 * A saver whose session goes on where the first of the visits has ended, or begins with the draft.
 * @param {readonly Visit[]} visits @param {any} data @param {Around} around
 */
export function resumed([visit], { draft, pipeline, schema }, around) {
  const start = begun(visit ? { document: visit.base, revision: visit.revision } : draft);
  const state = visit ? { ...edited(start, visit.mine, 0), doubtful: visit.doubtful } : start;
  const history = historyOf(visit);
  const session = new Session({ document: state.mine, revision: state.revision, history, pipeline, schema });
  const saver = new Saver(session, { ...around, state });
  if (!visit) return saver;
  saver.savedThrough = visit.savedThrough;
  session.conflict = visit.conflict;
  if (state.dirty) session.recovered = { edits: saver.unsaved, at: new Date(visit.at) };
  return saver;
}

/** @param {Visit | undefined} visit */
function historyOf(visit) {
  const history = new History();
  try {
    if (visit) history.restore(visit.history, visit.mine);
    return history;
  } catch {
    // What an older version of the page has kept may not fit; the document is worth more than the way to it.
    return new History();
  }
}

/** Takes the edits that another visit has not saved, as one deed. @param {Saver} saver @param {Visit} visit */
export function takeUp(saver, { base, mine, at }) {
  const { session } = saver;
  const before = session.document;
  const { document, conflicts } = merge(base, before, mine, { twins: true });
  session.replace(document, "Take up edits of an earlier visit");
  if (session.document === before) return;
  session.recovered = { edits: (session.recovered?.edits ?? 0) + 1, at: new Date(at) };
  if (conflicts.length) saver.clash({ actor: "an earlier visit", base, mine: before, theirs: mine, conflicts });
}

/** @param {Saver} saver @param {Keeper | null} keeper */
function hearWindow(saver, keeper) {
  window.addEventListener("online", () => saver.online());
  window.addEventListener("offline", () => saver.offline());
  window.addEventListener("pagehide", () => saver.flush());
  document.addEventListener("visibilitychange", () => document.hidden && saver.flush());
  window.addEventListener("beforeunload", (event) => {
    saver.flush();
    // What neither the server nor this browser has would be lost.
    if (saver.state.dirty && (!keeper || keeper.failing)) event.preventDefault();
  });
}
