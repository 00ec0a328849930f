/**
 * The editor of one page: the session, the canvas and the panels by name, and the few things that all parts ask of
 * it. Changes go through the session only.
 */

import { toast } from "../pages/toasts.js";
import { apiOf } from "./api.js";
import { edgesOf } from "./model/graph.js";
import { NotPossible, newSteps } from "./model/document.js";
import { indexByName, stepsOf } from "./picture.js";
import { paintLookBar } from "./run/run_bar.js";
import { selectionOf } from "./session.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./model/document.js").Document} Document
 */

export class Editor {
  /** @param {{data: any, session: any, graph: any, editing: any}} parts */
  constructor({ data, session, graph, editing }) {
    this.data = data;
    this.session = session;
    this.graph = graph;
    this.editing = editing;
    this.api = apiOf(data.urls.api);
    this.spoken = document.getElementById("editor-spoken");
    /** @type {import("./bar/tabs.js").Tabs | null} */
    this.left = null;
    /** @type {import("./bar/tabs.js").Tabs | null} */
    this.right = null;
    /** Whether a run or another version is on the canvas: nothing can be changed then. */
    this.looking = false;
    /** @type {Record<string, any>} the parts that verbs speak to: palette, problems, properties, run… */
    this.parts = {};
  }

  /** @param {string} sentence */
  announce(sentence) {
    if (this.spoken) this.spoken.textContent = sentence;
  }

  /** Changes the document; what cannot be done is said. @param {string} label @param {(document: any) => any} change @param {any} [options] @returns {boolean} */
  perform(label, change, options) {
    if (this.looking) {
      this.refuse("This is not the draft. Go back to editing first.");
      return false;
    }
    try {
      this.session.perform(label, change, options);
      return true;
    } catch (error) {
      if (!(error instanceof NotPossible)) throw error;
      this.refuse(error.message);
      return false;
    }
  }

  /** A change that makes steps; they are selected. @param {string} label @param {(document: any) => any} change @returns {string[]} their names */
  add(label, change) {
    const select = (/** @type {Document} */ before, /** @type {Document} */ after) => selectionOf({ steps: newSteps(before, after) });
    const before = this.session.document;
    if (!this.perform(label, change, { select })) return [];
    this.session.select(this.session.selection, { reveal: true });
    return newSteps(before, this.session.document);
  }

  /** What cannot be done; it passes. @param {string} sentence */
  refuse(sentence) {
    toast(sentence, "info");
  }

  /** What went wrong; it stays until it is closed. @param {string} sentence */
  fail(sentence) {
    toast(sentence, "error");
  }

  /** The selected steps in the document's order. */
  get selected() {
    const { steps } = this.session.selection;
    return stepsOf(this.session.document).map(({ name }) => name).filter((name) => steps.has(name));
  }

  /** The one selected step, if it is one. */
  get onlySelected() {
    const names = this.selected;
    return names.length === 1 ? names[0] : null;
  }

  /** What a key is about: the card or the row of the outline that has the focus, if it is not selected, becomes what is. */
  selectFocused() {
    const name = this.focused;
    if (name && !this.session.selection.steps.has(name)) this.select([name]);
  }

  /** The step that the keyboard is at, on the canvas or in the outline. @returns {string | null} */
  get focused() {
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement)) return null;
    if (focused.matches(".graph-card")) return this.nameOf(this.graph.steps.stepOf(Number(focused.dataset.index)));
    return focused.matches("#panel-outline [data-name]") ? focused.dataset.name ?? null : null;
  }

  /** Puts the keyboard on a step's card. @param {string} name */
  focus(name) {
    this.parts.canvas.flush();
    const index = this.indexOf(name);
    if (index >= 0) this.graph.focusNode(this.graph.steps.nodeOf(index));
  }

  get edges() {
    return edgesOf(this.session.document);
  }

  /** @param {Iterable<string>} steps */
  select(steps, reveal = false) {
    this.session.select(selectionOf({ steps }), { reveal });
  }

  /** @param {string} name */
  indexOf(name) {
    return indexByName(this.session.document).get(name) ?? -1;
  }

  /** @param {number} index @returns {string} */
  nameOf(index) {
    return stepsOf(this.session.document)[index]?.name ?? "";
  }

  /** Where the canvas shows a step now, be it placed by a person or by the layout. @param {string} name @returns {[number, number] | null} */
  placeOf(name) {
    return this.editing.placeOf(this.indexOf(name));
  }

  /** Selects a step, brings it into view and its field under the cursor. @param {string} name @param {string} [field] as problems write it after the step */
  async goTo(name, field = "") {
    this.select([name], true);
    this.right?.show("properties");
    await this.parts.properties?.focusField(field);
  }

  /** Goes to a field of the pipeline itself. @param {string} where as problems write it */
  async goToPipeline(where) {
    this.select([]);
    this.right?.show("properties");
    await this.parts.properties?.focusField(where);
  }

  /** Shows another document on the canvas, read-only; null goes back to the draft. @param {any} document @param {ReadonlySet<string>} [changed] */
  preview(document, changed) {
    const inBar = document === null && globalThis.document.activeElement?.closest("#editor-run");
    this.look(document !== null);
    this.parts.canvas.look(document, changed);
    // The bar that was pressed goes; the keyboard goes on on the canvas.
    if (inBar) this.graph.focusNode(this.graph.scene.current);
    if (!this.parts.run) paintLookBar(document !== null, async () => (await this.parts.versions)?.back());
  }

  /** Whether something else than the draft is on the canvas, so that nothing can be changed. @param {boolean} looking */
  look(looking) {
    this.looking = looking;
    this.editing.enabled = !looking;
    this.session.dispatchEvent(new CustomEvent("looking"));
  }

  /** @param {"properties" | "code" | "versions"} name */
  showPanel(name) {
    this.right?.show(name);
  }
}
