/**
 * What can be undone and done again: a line of entries and a place in it. Each entry holds the document before and after,
 * which share all that stayed. Entries are never changed, so whoever keeps them needs to look only at those that are new.
 */

import { applied, difference, reversed } from "./model/difference.js";

/**
 * @typedef {import("./model/document.js").Document} Document
 * @typedef {import("./model/difference.js").Difference} Difference
 * @typedef {import("./session.js").Selection} Selection
 * @typedef {object} Entry
 * @property {number} number rises by one with each new entry and is never given twice
 * @property {string} label
 * @property {Document} before
 * @property {Document} after
 * @property {Selection} selectedBefore
 * @property {Selection} selectedAfter
 * @property {string | null} coalesce
 * @property {number} at milliseconds
 * @property {Difference} difference
 * @property {number} size of the difference as text
 * @typedef {Omit<Entry, "number" | "difference" | "size">} Deed
 * @typedef {Omit<Entry, "before" | "after">} KeptEntry as it is stored: without the documents
 */

const JOINING_MS = 800;
const MOST_ENTRIES = 200;
const LARGEST = 8 * 1024 * 1024;

export class History {
  /** @param {{entries?: number, size?: number}} [bounds] */
  constructor({ entries = MOST_ENTRIES, size = LARGEST } = {}) {
    this.mostEntries = entries;
    this.largest = size;
    /** @type {readonly Entry[]} */
    this.entries = [];
    /** How many of the entries are done; those after it can be done again. */
    this.position = 0;
    this.next = 1;
    /** Whether the next deed may join the last. */
    this.open = false;
  }

  /** @returns {Entry | null} what undo would take back */
  get last() {
    return this.entries[this.position - 1] ?? null;
  }

  /** @returns {Entry | null} what redo would bring back */
  get undone() {
    return this.entries[this.position] ?? null;
  }

  /** Adds what was done. What had been undone is forgotten; a deed of the same kind shortly before is joined. @param {Deed} deed */
  record(deed) {
    const done = this.entries.slice(0, this.position);
    const last = done[done.length - 1];
    const joins = this.open && last && joined(last, deed);
    const entry = joins
      ? this.#entry({ ...deed, before: last.before, selectedBefore: last.selectedBefore }, last.number)
      : this.#entry(deed, this.next);
    if (joins) done.pop();
    else this.next += 1;
    this.entries = this.#bounded([...done, entry]);
    this.position = this.entries.length;
    this.open = true;
  }

  /** Takes the last deed back. @returns {Entry | null} */
  undo() {
    const entry = this.last;
    if (entry) this.position -= 1;
    this.open = false;
    return entry;
  }

  /** @returns {Entry | null} */
  redo() {
    const entry = this.undone;
    if (entry) this.position += 1;
    this.open = false;
    return entry;
  }

  /**
   * Takes into every document what came from somebody else, so that undoing takes back only one's own.
   * @param {(document: Document) => Document} change
   */
  rebase(change) {
    /** @type {Map<Document, Document>} */
    const changed = new Map();
    const once = (/** @type {Document} */ document) => {
      const known = changed.get(document) ?? change(document);
      changed.set(document, known);
      return known;
    };
    this.entries = this.entries.map((entry) =>
      this.#entry({ ...entry, before: once(entry.before), after: once(entry.after) }, entry.number));
    this.open = false;
  }

  /** Takes up what was kept: the documents follow from the one that it ended with. @param {readonly KeptEntry[]} kept @param {number} position @param {Document} document */
  restore(kept, position, document) {
    const entries = [...kept];
    let here = document;
    const done = entries.slice(0, position).reverse().map((entry) => {
      const before = applied(here, reversed(entry.difference));
      const whole = { ...entry, before, after: here };
      here = before;
      return whole;
    });
    here = document;
    const undone = entries.slice(position).map((entry) => {
      const after = applied(here, entry.difference);
      const whole = { ...entry, before: here, after };
      here = after;
      return whole;
    });
    this.entries = [...done.reverse(), ...undone];
    this.position = position;
    this.next = Math.max(0, ...entries.map((entry) => entry.number)) + 1;
    this.open = false;
  }

  /** @param {Deed} deed @param {number} number @returns {Entry} */
  #entry({ label, before, after, selectedBefore, selectedAfter, coalesce, at }, number) {
    const changes = difference(before, after);
    const size = JSON.stringify(changes).length;
    return { number, label, before, after, selectedBefore, selectedAfter, coalesce, at, difference: changes, size };
  }

  /** The newest that fit; the very last always. @param {Entry[]} entries */
  #bounded(entries) {
    let room = this.largest - entries[entries.length - 1].size;
    let first = entries.length - 1;
    while (first > 0 && entries.length - first < this.mostEntries && entries[first - 1].size <= room) {
      first -= 1;
      room -= entries[first].size;
    }
    return entries.slice(first);
  }
}

/** @param {Entry} last @param {Deed} deed */
const joined = (last, deed) =>
  deed.coalesce !== null && deed.coalesce === last.coalesce && deed.before === last.after && deed.at - last.at <= JOINING_MS;
