/**
 * Things that are dragged here from elsewhere: an entry of the palette, which may land on an edge, and files.
 */

import { SPACING } from "../layout.js";

export const PALETTE_TYPE = "application/x-pipelines-template";
const FILES = "Files";

export class Dropping {
  /** @param {import("./editing.js").Editing} editing */
  constructor(editing) {
    this.editing = editing;
    const { graph } = editing;
    graph.addEventListener("dragenter", (event) => this.#over(event));
    graph.addEventListener("dragover", (event) => this.#over(event));
    graph.addEventListener("dragleave", (event) => { if (!graph.contains(/** @type {Node | null} */ (event.relatedTarget))) this.#clear(); });
    graph.addEventListener("drop", (event) => this.#drop(event));
  }

  /** @param {DragEvent} event */
  #over(event) {
    const types = event.dataTransfer?.types ?? [];
    const item = types.includes(PALETTE_TYPE);
    if (!this.editing.enabled || !(item || types.includes(FILES))) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    const { stage } = this.editing.scene;
    stage.toggleAttribute("data-dropping", true);
    if (item) this.#showLanding(event);
  }

  /** Where the card would stand, or the edge that it would part. @param {DragEvent} event */
  #showLanding(event) {
    const { pointing, overlay, scene } = this.editing;
    const point = pointing.pointOf(event);
    const edge = pointing.edgeAt(point);
    const { at: [left, top] } = pointing.place(point);
    if (scene.model && scene.layout) overlay.showHovered(scene.model, scene.layout, edge, true);
    overlay.showLanding({ left, top, right: left + SPACING.nodeWidth, bottom: top + SPACING.nodeHeight });
  }

  #clear() {
    const { overlay, scene } = this.editing;
    scene.stage.toggleAttribute("data-dropping", false);
    overlay.showLanding(null);
    if (scene.model && scene.layout) overlay.showHovered(scene.model, scene.layout, null);
  }

  /** @param {DragEvent} event */
  #drop(event) {
    const { dataTransfer } = event;
    if (!this.editing.enabled || !dataTransfer) return;
    const item = parsed(dataTransfer.getData(PALETTE_TYPE));
    const files = [...dataTransfer.files];
    this.#clear();
    if (!item && files.length === 0) return;
    event.preventDefault();
    const { pointing, picture } = this.editing;
    const point = pointing.pointOf(event);
    const edge = item ? pointing.edgeAt(point) : null;
    this.editing.tell("edit-drop", {
      dataTransfer, item, files, edge: edge === null ? null : picture.edgeOf(edge), ...pointing.place(point),
    });
  }
}

/** Whatever was dropped comes from outside. @param {string} text @returns {Record<string, unknown> | null} */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
