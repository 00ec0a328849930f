/**
 * Looking for steps: words, a status, or the lineage of one step. The chart fades the rest, the table leaves it out;
 * both show the same. Fetched when somebody first looks for something.
 */

import { findSteps, nextFound, searchTexts } from "../graph/find.js";
import { lineageOf } from "../graph/lineage.js";
import { putText } from "./marks.js";

/** @typedef {import("./main.js").RunPage} RunPage */

const GATHERS_MS = 250;

export class Seek {
  /** @param {RunPage} page */
  constructor(page) {
    this.page = page;
    this.texts = searchTexts(page.graphData.nodes);
    this.words = "";
    /** @type {string | null} */
    this.status = null;
    /** @type {number | null} the step whose lineage is looked at */
    this.origin = null;
    /** @type {number[] | null} null when nothing is looked for */
    this.found = null;
    this.timer = 0;
  }

  /** There are more steps to be found. @param {import("../graph/model.js").GraphNode[]} nodes */
  grow(nodes) {
    this.texts = searchTexts(nodes);
    this.apply();
  }

  /** @param {{words?: string, status?: string | null, origin?: number | null}} wish */
  look(wish) {
    Object.assign(this, wish);
    this.apply();
  }

  /** The same status again means all of them. @param {string} status */
  toggleStatus(status) {
    this.look({ status: this.status === status ? null : status });
  }

  toggleLineage() {
    const step = this.page.selectedIndex;
    this.look({ origin: step < 0 || step === this.origin ? null : step });
  }

  /** States have changed: soon, because many may. */
  changed() {
    if (!this.found || (!this.words && !this.status)) return;
    this.timer ||= setTimeout(() => this.apply(), GATHERS_MS);
  }

  apply() {
    clearTimeout(this.timer);
    this.timer = 0;
    const { steps } = this.page.store.view;
    const { model } = this.page.graph.steps;
    const seeks = this.words.trim() !== "" || this.status !== null || this.origin !== null;
    const lineage = this.origin !== null && model ? lineageOf(model, this.origin) : null;
    this.found = seeks
      ? findSteps(this.texts, (step) => steps[step]?.status ?? "", this).filter((step) => !lineage || lineage[step])
      : null;
    this.page.found = this.found;
    this.page.graph.light(this.found && maskOf(this.found, this.texts.length));
    this.page.table?.list(this.found);
    this.paint();
  }

  /** @param {1 | -1} direction */
  go(direction) {
    if (!this.found) return;
    const step = nextFound(this.found, this.page.selectedIndex, direction);
    if (step === null) return;
    this.page.goTo(step);
    this.paint();
  }

  paint() {
    const { found } = this;
    const place = found?.indexOf(this.page.selectedIndex) ?? -1;
    const count = found ? (place >= 0 ? `${place + 1} of ${found.length}` : `${found.length} found`) : "";
    putText(document.getElementById("run-found"), count);
    for (const button of document.querySelectorAll("[data-tool=found-next], [data-tool=found-back]")) {
      if (button instanceof HTMLButtonElement) button.disabled = !found?.length;
    }
    const clear = document.getElementById("run-filter-clear");
    if (clear) {
      clear.hidden = this.status === null;
      clear.textContent = `Only ${this.status} ✕`;
      clear.setAttribute("aria-label", `Show all steps, not only ${this.status}`);
    }
    for (const chip of document.querySelectorAll("#run-legend a")) {
      if (chip.getAttribute("data-filter") === this.status) chip.setAttribute("aria-current", "true");
      else chip.removeAttribute("aria-current");
    }
    const lineage = document.querySelector("[data-tool=lineage]");
    lineage?.setAttribute("aria-pressed", String(this.origin !== null));
  }
}

/** @param {number[]} found @param {number} size */
function maskOf(found, size) {
  const mask = new Uint8Array(size);
  for (const step of found) mask[step] = 1;
  return mask;
}
