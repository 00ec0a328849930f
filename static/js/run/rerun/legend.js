/** What the colours of a preview mean and how many steps each has: over the chart or the table, while it is painted. */

import { countsTold, timeTold } from "./words.js";

/** @typedef {import("./words.js").Preview} Preview */

export class Legend {
  constructor() {
    this.box = document.createElement("div");
    this.box.className = "rerun-legend";
    this.box.setAttribute("role", "status");
    document.querySelector(".run-main")?.append(this.box);
  }

  /** @param {Preview | null} preview @param {boolean} isOpen the sheet tells the rest */
  show(preview, isOpen) {
    this.box.toggleAttribute("data-shown", preview !== null);
    if (!preview) {
      this.box.replaceChildren();
      return;
    }
    const parts = preview.refused ? [words(`Not possible: ${preview.refused}.`)] : countsTold(preview).map((pair) => swatch(...pair));
    if (!isOpen && !preview.refused) parts.push(words(timeTold(preview)));
    this.box.replaceChildren(...parts);
  }
}

/** @param {string} text */
function words(text) {
  return Object.assign(document.createElement("span"), { className: "muted", textContent: text });
}

/** @param {string} effect @param {number} count */
export function swatch(effect, count) {
  const part = document.createElement("span");
  part.className = "rerun-swatch";
  part.dataset.foreseen = effect;
  part.append(Object.assign(document.createElement("b"), { textContent: String(count) }), ` ${effect}`);
  return part;
}
