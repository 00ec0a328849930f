/** The palette beside a place on the canvas: where an edge was dropped, after a double click, or after the selection. */

import { addItem } from "../edits.js";
import { Palette } from "../panels/palette.js";

/**
 * @typedef {import("../editor.js").Editor} Editor
 * @typedef {{at?: [number, number], clientX?: number, clientY?: number, link?: {from: string, forwards: boolean} | null,
 *   edge?: {parent: string, child: string} | null}} Place
 */

export class PalettePlace {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "editor-place";
    this.dialog.setAttribute("aria-label", "Add a step");
    const list = document.createElement("div");
    list.className = "editor-palette";
    this.dialog.append(list);
    document.body.append(this.dialog);
    /** @type {Place} */
    this.place = {};
    /** @type {HTMLElement | null} */
    this.opener = null;
    this.palette = new Palette(list, { id: "place", pick: (item) => this.#pick(item) });
    this.dialog.addEventListener("close", () => this.opener?.focus({ preventScroll: true }));
  }

  /** @param {Place} [place] without one: after the selected step, else in the middle */
  open(place = {}) {
    if (this.dialog.open || this.editor.looking) return;
    this.place = place;
    this.opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    const stage = this.editor.graph.getBoundingClientRect();
    const x = place.clientX ?? stage.left + stage.width / 2 - 150;
    const y = place.clientY ?? stage.top + Math.min(80, stage.height / 4);
    this.dialog.style.left = `${Math.max(8, Math.min(x, innerWidth - 328))}px`;
    this.dialog.style.top = `${Math.max(8, Math.min(y, innerHeight - 428))}px`;
    this.palette.wanted = { query: "", project: "", tag: "" };
    this.palette.paint();
    this.dialog.showModal();
    this.palette.focusSearch();
  }

  /** @param {import("../panels/palette_items.js").Item} item */
  #pick(item) {
    const { at, link, edge } = this.place;
    // The keyboard goes on at the new step, not where it came from.
    const { opener } = this;
    this.opener = null;
    this.dialog.close();
    const name = addItem(this.editor, item, { at, link, edge });
    if (name) this.editor.focus(name);
    else opener?.focus();
  }
}
