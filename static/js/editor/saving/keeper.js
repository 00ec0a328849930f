/**
 * Keeps in this browser what a visit has made of a draft: the document, what it was made from, the deeds that can be
 * undone. Written at once after each change, one writing after another; what changes meanwhile goes with the next.
 */

import { answerOf, inOne } from "./database.js";

/**
 * @typedef {import("../model/document.js").Document} Document
 * @typedef {import("../history.js").Entry} Entry
 * @typedef {import("../history.js").Kept} Kept
 * @typedef {import("../history.js").KeptEntry} KeptEntry
 * @typedef {import("../session.js").Both} Both
 * @typedef {object} Visit
 * @property {string} tab
 * @property {number} revision
 * @property {Document} base the draft at that revision
 * @property {Document} mine
 * @property {readonly Document[]} doubtful what was sent while nobody knows whether it arrived
 * @property {Both | null} conflict
 * @property {Kept} history
 * @property {number} savedThrough deeds up to this number are in the base
 * @property {number} at
 */

const LONGEST_MS = 60 * 24 * 3600 * 1000;

/**
 * The visits of a draft that this browser knows of, the newest first.
 * @param {IDBDatabase} database @param {string} draft @returns {Promise<Visit[]>}
 */
export async function keptVisits(database, draft) {
  const range = IDBKeyRange.bound([draft], [draft, []]);
  /** @type {any[][]} */
  const [visits, keys, bases, deeds] = await inOne(database, "readonly", (store) => Promise.all([
    answerOf(store("visits").getAll(range)),
    answerOf(store("visits").getAllKeys(range)),
    answerOf(store("bases").getAll(range)),
    answerOf(store("deeds").getAll(range)),
  ]));
  return visits
    .map((visit, place) => visitFrom(visit, keys[place][1], bases[place], deeds))
    .sort((one, other) => other.at - one.at);
}

/**
 * @param {any} visit @param {string} tab @param {Document} base @param {(KeptEntry & {tab: string})[]} deeds
 * @returns {Visit}
 */
function visitFrom({ mine, numbers, position, gap, ...rest }, tab, base, deeds) {
  const wanted = new Set(numbers);
  const entries = deeds.filter((deed) => deed.tab === tab && wanted.has(deed.number));
  return { ...rest, tab, base, mine: mine ?? base, history: { entries, position, gap } };
}

export class Keeper {
  /** @param {IDBDatabase} database @param {string} draft @param {string} tab */
  constructor(database, draft, tab) {
    this.database = database;
    this.draft = draft;
    this.tab = tab;
    /** Whether what was made last could not be kept. */
    this.failing = false;
    /** @type {import("./saver.js").Saver | null} whose state is to be written */
    this.wanted = null;
    this.writing = Promise.resolve();
    this.busy = false;
    /** @type {Map<number, Entry>} */
    this.deeds = new Map();
    /** @type {Document | null} */
    this.base = null;
    /** @type {any[]} what the last writing was made from */
    this.written = [];
  }

  /** @param {import("./saver.js").Saver} saver */
  keep(saver) {
    this.wanted = saver;
    if (this.busy) return;
    this.busy = true;
    this.writing = this.#writeAll();
  }

  /** Forgets other visits: what they had is in this one. @param {readonly string[]} tabs */
  async forget(tabs) {
    await this.writing;
    if (this.failing) return;
    await inOne(this.database, "readwrite", (store) => {
      for (const tab of tabs) this.#remove(store, [this.draft, tab]);
      const old = store("visits").index("at").openKeyCursor(IDBKeyRange.upperBound(Date.now() - LONGEST_MS));
      old.onsuccess = () => {
        if (!old.result) return;
        this.#remove(store, /** @type {any} */ (old.result.primaryKey));
        old.result.continue();
      };
    }).catch(() => {});
  }

  /** @param {(name: string) => IDBObjectStore} store @param {[draft: string, tab: string]} key */
  #remove(store, [draft, tab]) {
    store("visits").delete([draft, tab]);
    store("bases").delete([draft, tab]);
    store("deeds").delete(IDBKeyRange.bound([draft, tab], [draft, tab, []]));
  }

  async #writeAll() {
    for (let saver = this.wanted; saver; saver = this.wanted) {
      this.wanted = null;
      try {
        await this.#write(saver);
        this.failing = false;
      } catch {
        this.failing = true;
        this.written = [];
      }
    }
    this.busy = false;
  }

  /** @param {import("./saver.js").Saver} saver */
  async #write({ state, session, savedThrough }) {
    const { base, mine, revision, sending } = state;
    const doubtful = sending ? [sending, ...state.doubtful] : state.doubtful;
    const { history, conflict } = session;
    const now = [base, mine, revision, sending, state.doubtful, conflict, history.entries, history.position];
    if (now.every((one, place) => one === this.written[place]) && this.written.length) return;
    const { entries, position, gap } = history.toKeep(mine);
    const numbers = entries.map(({ number }) => number);
    const own = mine === base ? null : mine;
    const visit = { revision, mine: own, doubtful, conflict, numbers, position, gap, savedThrough, at: Date.now() };
    await inOne(this.database, "readwrite", (store) => {
      store("visits").put(visit, [this.draft, this.tab]);
      if (base !== this.base) store("bases").put(base, [this.draft, this.tab]);
      for (const entry of entries) this.#putDeed(store("deeds"), entry, history.entries);
      for (const number of this.deeds.keys()) {
        if (!numbers.includes(number)) store("deeds").delete([this.draft, this.tab, number]);
      }
    });
    this.base = base;
    this.deeds = new Map(history.entries.map((entry) => [entry.number, entry]));
    this.written = now;
  }

  /**
   * Entries never change: one that is written need not be written again.
   * @param {IDBObjectStore} store @param {KeptEntry} kept @param {readonly Entry[]} entries
   */
  #putDeed(store, kept, entries) {
    const entry = entries.find(({ number }) => number === kept.number);
    if (this.deeds.get(kept.number) !== entry) store.put({ ...kept, tab: this.tab }, [this.draft, this.tab, kept.number]);
  }
}
