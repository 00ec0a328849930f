/**
 * What is foreseen and what is selected, painted on the chart's cards and on the table's rows: as attributes, which
 * the style sheet gives colour and word, and as words in the cards' names.
 */

import { gravest, RUNS } from "./words.js";

/** @typedef {import("../main.js").RunPage} RunPage */

export class Painting {
  /** @param {RunPage} page */
  constructor(page) {
    this.page = page;
    const { scene } = page.graph;
    const before = scene.dress;
    scene.dress = (card, node) => {
      before?.(card, node);
      this.#dress(card, node);
    };
    /** @type {Uint8Array | null} what was lit before */
    this.lit = null;
  }

  /** @param {import("./words.js").Preview | null} preview */
  foresee(preview) {
    const { page } = this;
    if (!page.effects) this.lit = page.graph.mask;
    const had = page.effects !== null;
    page.effects = preview && new Map(page.names.map((name, step) => [step, preview.steps[name]?.effect ?? "unchanged"]));
    if (page.effects) page.graph.light(Uint8Array.from(page.names, (_, step) => Number(this.#isTouched(step))));
    else if (had) page.graph.light(this.lit);
    this.paint();
  }

  /** @param {number} step */
  #isTouched(step) {
    const effect = this.page.effects?.get(step) ?? "";
    return RUNS.has(effect) || effect === "becomes stale";
  }

  paint() {
    const { scene } = this.page.graph;
    scene.all = true;
    scene.request();
    this.page.table?.paint(null);
  }

  /** @param {import("../../graph/paint/cards.js").Card} card @param {number} node */
  #dress(card, node) {
    const { effects, chosen, graph } = this.page;
    const steps = graph.steps.bundleAt(node)?.steps ?? [graph.steps.stepOf(node)];
    const effect = effects ? gravest(steps.map((step) => effects.get(step))) : "";
    const isChosen = chosen.size > 0 && steps.every((step) => chosen.has(step));
    put(card.button, "foreseen", effect);
    put(card.button, "chosen", isChosen ? "selected" : "");
    card.remark = [isChosen ? "selected" : "", effect].filter(Boolean).join(", ");
  }
}

/** @param {HTMLElement} element @param {string} name @param {string} value */
function put(element, name, value) {
  if (value) element.dataset[name] = value;
  else delete element.dataset[name];
}
