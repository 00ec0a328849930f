/**
 * The editor's session: the document, what is selected, what can be undone, what became of saving. Panels change the
 * document only by `perform`, and hear of every change by events:
 *
 *   "document" {before, after, label, own} · "selection" · "reveal" {steps} · "problems" · "catalog" ·
 *   "saving" {state, at, revision, edits, reason} · "conflict" · "presence" {others}
 *
 * `openSession` in saving/opening.js makes the page's; one that is made here is never saved.
 */

import { History } from "./history.js";
import { stepsByName } from "./model/document.js";
import { same } from "./model/json.js";
import { takeTheirs } from "./model/theirs.js";

/**
 * @typedef {import("./model/document.js").Document} Document
 * @typedef {{steps: ReadonlySet<string>, edges: ReadonlySet<string>, notes: ReadonlySet<number>}} Selection edges as `edgeKey` writes them
 * @typedef {{where: string, step: string | null, code: string, message: string, severity: string, fix?: {label: string, set: {path: any, value: any}[]}}} Problem
 * @typedef {import("./saving/plan.js").Saving} Saving
 * @typedef {import("./model/merge.js").Conflict} Clash
 * @typedef {Clash & {step: string | null, path: string[]}} Conflict with the step that it is in, and the way from there
 * @typedef {{actor: string, base: Document, mine: Document, theirs: Document, conflicts: readonly Conflict[]}} Both both sides of what clashes
 * @typedef {{saveNow: () => Promise<number>, clash: (both: Omit<Both, "conflicts"> & {conflicts: import("./model/merge.js").Conflict[]}) => void}} Saver
 * @typedef {Selection | ((before: Document, after: Document) => Selection)} Select
 */

/** @type {Selection} */
export const NOTHING = Object.freeze({ steps: new Set(), edges: new Set(), notes: new Set() });

/**
 * @param {Partial<{steps: Iterable<string>, edges: Iterable<string>, notes: Iterable<number>}>} [of] @returns {Selection}
 */
export const selectionOf = ({ steps = [], edges = [], notes = [] } = {}) =>
  ({ steps: new Set(steps), edges: new Set(edges), notes: new Set(notes) });

export class Session extends EventTarget {
  /**
   * @param {{document: Document, revision: number, history?: History, clock?: () => number, pipeline?: any, schema?: any}} start
   */
  constructor({ document, revision, history = new History(), clock = Date.now, pipeline = null, schema = null }) {
    super();
    this.document = document;
    this.revision = revision;
    this.pipeline = pipeline;
    this.schema = schema;
    /** What the server has, as far as is known. */
    this.savedDocument = document;
    this.selection = NOTHING;
    this.history = history;
    this.clock = clock;
    /** What the server told of templates, by their names in documents. @type {Record<string, any>} */
    this.catalog = {};
    /** @type {readonly Problem[]} */
    this.problems = [];
    /** @type {Saving} */
    this.saving = { state: "saved", at: null, revision, edits: 0, reason: "" };
    /** @type {Both | null} */
    this.conflict = null;
    /** What an earlier visit had not saved and was brought back. @type {{edits: number, at: Date} | null} */
    this.recovered = null;
    /** @type {Saver | null} */
    this.saver = null;
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

  /** Takes one's last deed back; what others have done since stays. */
  undo() {
    const turned = this.history.undo(this.document);
    if (turned) this.#turnTo(turned.document, turned.entry.selectedBefore, turned.entry.label);
  }

  redo() {
    const turned = this.history.redo(this.document);
    if (turned) this.#turnTo(turned.document, turned.entry.selectedAfter, turned.entry.label);
  }

  /**
   * Takes what others have made of the document: no deed of one's own, so undo knows nothing of it.
   * @param {Document} document @param {string} label @param {ReadonlyMap<string, string>} [renamed] steps that have another name now
   */
  arrive(document, label, renamed = new Map()) {
    if (document === this.document) return;
    this.history.rename(renamed);
    const steps = [...this.selection.steps].map((name) => renamed.get(name) ?? name);
    this.#turnTo(document, renamed.size ? { ...this.selection, steps: new Set(steps) } : this.selection, label, false);
  }

  /** @param {Selection} selection @param {{reveal?: boolean}} [options] `reveal`: the canvas shall bring it into view */
  select(selection, { reveal = false } = {}) {
    this.selection = existing(selection, this.document);
    this.#tell("selection");
    if (reveal) this.#tell("reveal", { steps: this.selection.steps });
  }

  /** @param {readonly Problem[]} problems @param {Record<string, any>} [catalog] what was told of templates beside them */
  setProblems(problems, catalog) {
    this.problems = problems;
    if (catalog) {
      this.catalog = { ...this.catalog, ...catalog };
      this.#tell("catalog");
    }
    this.#tell("problems");
  }

  /** @param {readonly {name: string}[]} others */
  setOthers(others) {
    this.others = others;
    this.#tell("presence", { others });
  }

  /**
   * Saves at once what is not saved yet.
   * @returns {Promise<number>} the revision; fails with a sentence when it cannot be saved now
   */
  saveNow() {
    return this.saver ? this.saver.saveNow() : Promise.reject(new Error("This draft is not saved."));
  }

  get isSaved() {
    return same(this.document, this.savedDocument);
  }

  /** @param {Saving} saving @param {Document} savedDocument */
  setSaving(saving, savedDocument) {
    this.saving = saving;
    this.revision = saving.revision;
    this.savedDocument = savedDocument;
    this.#tell("saving", saving);
  }

  /** Both sides of what could not be merged; mine stands in the document. @param {Both | null} both */
  setConflict(both) {
    this.conflict = both?.conflicts.length ? both : null;
    this.#tell("conflict");
  }

  /** Decides about one conflict, or about all. @param {"mine" | "theirs"} side @param {Conflict} [conflict] */
  resolve(side, conflict) {
    const both = this.conflict;
    if (!both) return;
    const settled = conflict ? [conflict] : both.conflicts;
    if (side === "theirs") {
      const what = settled.length === 1 ? "a change" : `${settled.length} changes`;
      this.perform(`Take ${what} of ${both.actor}`, (document) => settled.reduce(takeTheirs, document));
    }
    this.setConflict({ ...both, conflicts: both.conflicts.filter((one) => !settled.includes(one)) });
  }

  /** @param {{label: string, before: Document, after: Document, coalesce: string | null, chosen?: Selection}} deed */
  #done({ label, before, after, coalesce, chosen }) {
    const selectedBefore = this.selection;
    const selectedAfter = existing(chosen ?? selectedBefore, after);
    this.history.record({ label, before, after, selectedBefore, selectedAfter, coalesce, at: this.clock() });
    this.#turnTo(after, selectedAfter, label);
  }

  /** @param {Document} after @param {Selection} selection @param {string} label @param {boolean} [own] */
  #turnTo(after, selection, label, own = true) {
    const before = this.document;
    const selected = this.selection;
    this.document = after;
    // Whoever hears of the document must find a selection that is in it.
    this.selection = existing(selection, after);
    this.#tell("document", { before, after, label, own });
    if (this.selection !== selected) this.#tell("selection");
  }

  /** @param {string} type @param {object} [detail] */
  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/**
 * What of a selection there is in the document; the same selection when it is all there.
 * @param {Selection} selection @param {Document} document @returns {Selection}
 */
function existing(selection, document) {
  const names = stepsByName(document);
  const steps = [...selection.steps].filter((name) => names.has(name));
  const edges = [...selection.edges].filter((key) => JSON.parse(key).every((/** @type {string} */ name) => names.has(name)));
  const notes = [...selection.notes].filter((note) => note < (document.notes?.length ?? 0));
  const before = selection.steps.size + selection.edges.size + selection.notes.size;
  return steps.length + edges.length + notes.length === before ? selection : selectionOf({ steps, edges, notes });
}
