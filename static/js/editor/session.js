/**
 * The editor's session: the document, what is selected, what can be undone. Panels change the document only by
 * `perform`, and hear of every change by events:
 *
 *   "document" {before, after, label} · "selection" · "problems" · "saving" {state, at, revision} ·
 *   "presence" {others} · "reveal" {steps}
 */

import { History } from "./history.js";

/**
 * @typedef {import("./model/document.js").Document} Document
 * @typedef {{steps: ReadonlySet<string>, edges: ReadonlySet<string>, notes: ReadonlySet<number>}} Selection edges as `edgeKey` writes them
 * @typedef {{where: string, step: string | null, code: string, message: string, severity: string, fix?: {label: string, set: {path: any, value: any}[]}}} Problem
 * @typedef {"saved" | "saving" | "unsaved" | "offline" | "conflict"} SavingState
 * @typedef {{state: SavingState, at: Date | null, revision: number}} Saving
 * @typedef {Selection | ((before: Document, after: Document) => Selection)} Select
 */

/** @type {Selection} */
export const NOTHING = Object.freeze({ steps: new Set(), edges: new Set(), notes: new Set() });

/** @param {Partial<{steps: Iterable<string>, edges: Iterable<string>, notes: Iterable<number>}>} [of] @returns {Selection} */
export const selectionOf = ({ steps = [], edges = [], notes = [] } = {}) =>
  ({ steps: new Set(steps), edges: new Set(edges), notes: new Set(notes) });

export class Session extends EventTarget {
  /** @param {{document: Document, revision: number, history?: History, clock?: () => number}} start */
  constructor({ document, revision, history = new History(), clock = Date.now }) {
    super();
    this.document = document;
    this.revision = revision;
    this.selection = NOTHING;
    this.history = history;
    this.clock = clock;
    /** What the server told of templates, by slug. @type {Record<string, any>} */
    this.catalog = {};
    /** @type {readonly Problem[]} */
    this.problems = [];
    /** @type {Saving} */
    this.saving = { state: "saved", at: null, revision };
    /** @type {readonly {name: string}[]} */
    this.others = [];
  }

  get canUndo() {
    return this.history.last !== null;
  }

  get canRedo() {
    return this.history.undone !== null;
  }

  get undoLabel() {
    return this.history.last?.label ?? "";
  }

  get redoLabel() {
    return this.history.undone?.label ?? "";
  }

  /**
   * Does one thing that can be undone. Deeds with the same `coalesce` shortly after each other are one.
   * What is not possible throws `NotPossible` and changes nothing.
   * @param {string} label @param {(document: Document) => Document} change
   * @param {{coalesce?: string | null, select?: Select}} [options] `select`: what is selected afterwards
   */
  perform(label, change, { coalesce = null, select } = {}) {
    const before = this.document;
    const after = change(before);
    const chosen = typeof select === "function" ? select(before, after) : select;
    if (after !== before) this.#done({ label, before, after, coalesce, chosen });
    else if (chosen) this.select(chosen);
  }

  /** Takes another document in the place of this one, as one deed. @param {Document} document @param {string} why */
  replace(document, why) {
    this.perform(why, () => document);
  }

  undo() {
    const entry = this.history.undo();
    if (entry) this.#turnTo(entry.before, entry.selectedBefore, entry.label);
  }

  redo() {
    const entry = this.history.redo();
    if (entry) this.#turnTo(entry.after, entry.selectedAfter, entry.label);
  }

  /** @param {Selection} selection @param {{reveal?: boolean}} [options] `reveal`: the canvas shall bring it into view */
  select(selection, { reveal = false } = {}) {
    this.selection = existing(selection, this.document);
    this.#tell("selection");
    if (reveal) this.#tell("reveal", { steps: this.selection.steps });
  }

  /** @param {readonly Problem[]} problems */
  setProblems(problems) {
    this.problems = problems;
    this.#tell("problems");
  }

  /** @param {readonly {name: string}[]} others */
  setOthers(others) {
    this.others = others;
    this.#tell("presence", { others });
  }

  /** @param {Saving} saving */
  setSaving(saving) {
    this.saving = saving;
    this.revision = saving.revision;
    this.#tell("saving", saving);
  }

  /** @param {{label: string, before: Document, after: Document, coalesce: string | null, chosen?: Selection}} deed */
  #done({ label, before, after, coalesce, chosen }) {
    const selectedBefore = this.selection;
    const selectedAfter = existing(chosen ?? selectedBefore, after);
    this.history.record({ label, before, after, selectedBefore, selectedAfter, coalesce, at: this.clock() });
    this.#turnTo(after, selectedAfter, label);
  }

  /** @param {Document} after @param {Selection} selection @param {string} label */
  #turnTo(after, selection, label) {
    const before = this.document;
    const selected = this.selection;
    this.document = after;
    // Whoever hears of the document must find a selection that is in it.
    this.selection = existing(selection, after);
    this.#tell("document", { before, after, label });
    if (this.selection !== selected) this.#tell("selection");
  }

  /** @param {string} type @param {object} [detail] */
  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** What of a selection there is in the document; the same selection when it is all there. @param {Selection} selection @param {Document} document @returns {Selection} */
function existing(selection, document) {
  const names = new Set(document.steps.map((step) => step.name));
  const steps = [...selection.steps].filter((name) => names.has(name));
  const edges = [...selection.edges].filter((key) => JSON.parse(key).every((/** @type {string} */ name) => names.has(name)));
  const notes = [...selection.notes].filter((note) => note < (document.notes?.length ?? 0));
  const whole = steps.length === selection.steps.size && edges.length === selection.edges.size && notes.length === selection.notes.size;
  return whole ? selection : selectionOf({ steps, edges, notes });
}
