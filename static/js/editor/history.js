/**
 * What can be undone and done again: a line of entries and a place in it. Each entry holds the document before and after,
 * which share all that stayed. Entries are never changed, so whoever keeps them needs to look only at those that are new.
 *
 * What others have done is no entry: undoing takes back one's own deed out of whatever the document is by then.
 */

import { applied, difference, reversed } from "./model/difference.js";
import { stepsByName } from "./model/document.js";
import { merge } from "./model/merge.js";
import { withStepName } from "./model/steps.js";

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
 * @property {Difference} gap what others have done between the entry before and this one
 * @property {number} size of both as text
 * @typedef {Omit<Entry, "number" | "difference" | "gap" | "size">} Deed
 * @typedef {Omit<Entry, "before" | "after">} KeptEntry as it is stored: without the documents
 * @typedef {{entries: KeptEntry[], position: number, gap: Difference}} Kept the gap is that between the last entry and the document
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

  /**
   * Adds what was done. What had been undone is forgotten; a deed of the same kind shortly before is joined.
   * @param {Deed} deed
   */
  record(deed) {
    const done = this.entries.slice(0, this.position);
    const last = done[done.length - 1];
    const joins = this.open && last && joined(last, deed);
    if (joins) done.pop();
    const begun = joins ? { ...deed, before: last.before, selectedBefore: last.selectedBefore } : deed;
    const entry = this.#entry(begun, joins ? last.number : this.next, done[done.length - 1]);
    if (!joins) this.next += 1;
    this.entries = this.#bounded([...done, entry]);
    this.position = this.entries.length;
    this.open = true;
  }

  /**
   * Takes the last deed back.
   * @param {Document} document as it is now @returns {{entry: Entry, document: Document} | null}
   */
  undo(document) {
    const entry = this.last;
    if (!entry) return null;
    this.position -= 1;
    this.open = false;
    return { entry, document: turned(document, entry.after, entry.before) };
  }

  /** @param {Document} document as it is now @returns {{entry: Entry, document: Document} | null} */
  redo(document) {
    const entry = this.undone;
    if (!entry) return null;
    this.position += 1;
    this.open = false;
    return { entry, document: turned(document, entry.before, entry.after) };
  }

  /** Follows steps that have another name now, so that undo finds them. @param {ReadonlyMap<string, string>} names */
  rename(names) {
    if (!names.size) return;
    /** @type {Map<Document, Document>} */
    const known = new Map();
    const called = (/** @type {Document} */ document) => {
      const found = known.get(document) ?? withNames(document, names);
      known.set(document, found);
      return found;
    };
    /** @type {Entry[]} */
    const entries = [];
    for (const entry of this.entries) {
      const documents = { before: called(entry.before), after: called(entry.after) };
      entries.push(this.#entry({ ...entry, ...documents }, entry.number, entries[entries.length - 1]));
    }
    this.entries = entries;
    this.open = false;
  }

  /** As it can be stored beside the document. @param {Document} document @returns {Kept} */
  toKeep(document) {
    const first = this.entries[0];
    const entries = this.entries.map(({ before: _, after: __, ...rest }) => rest);
    return { entries, position: this.position, gap: first ? difference(document, this.#here()) : [] };
  }

  /** Takes up what was stored: the documents follow from the one beside it. @param {Kept} kept @param {Document} document */
  restore({ entries, position, gap }, document) {
    let here = applied(document, gap);
    const done = entries.slice(0, position).reverse().map((entry) => {
      const before = applied(here, reversed(entry.difference));
      const whole = { ...entry, before, after: here };
      here = applied(before, reversed(entry.gap));
      return whole;
    });
    here = applied(document, gap);
    const undone = entries.slice(position).map((entry, number) => {
      const before = number || position ? applied(here, entry.gap) : here;
      here = applied(before, entry.difference);
      return { ...entry, before, after: here };
    });
    this.entries = [...done.reverse(), ...undone];
    this.position = position;
    this.next = Math.max(0, ...entries.map((entry) => entry.number)) + 1;
    this.open = false;
  }

  /** The document at this place of the line, as it was when it was one's own. @returns {any} */
  #here() {
    return this.last?.after ?? this.undone?.before;
  }

  /** @param {Deed} deed @param {number} number @param {Entry | undefined} last @returns {Entry} */
  #entry(deed, number, last) {
    const changes = difference(deed.before, deed.after);
    const gap = last ? difference(last.after, deed.before) : [];
    const size = JSON.stringify([changes, gap]).length;
    return { ...deed, number, difference: changes, gap, size };
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

/** @param {Document} document @param {ReadonlyMap<string, string>} names @returns {Document} */
const withNames = (document, names) =>
  [...names].reduce((result, [from, to]) => (stepsByName(result).has(to) ? result : withStepName(result, from, to)), document);

/**
 * The document with a deed turned round: what others have made of it since, stays.
 * @param {Document} document @param {Document} from @param {Document} to @returns {Document}
 */
const turned = (document, from, to) => (document === from ? to : merge(from, document, to, { twins: true }).document);
