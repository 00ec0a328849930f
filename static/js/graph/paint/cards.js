/**
 * Real HTML for the steps that are near: a pool of buttons, taken and given back as steps enter and leave the view.
 * Each write is compared with what the card already shows, because most changes touch one field of one card.
 */

import { cardLine, cardName, splitName } from "../card_text.js";
import { isClocked } from "../statuses.js";

/**
 * @typedef {import("../states.js").StepState} StepState
 * @typedef {import("../model.js").Model} Model
 * @typedef {import("../layout.js").Layout} Layout
 */

const SVG = "http://www.w3.org/2000/svg";
const SPRITE = new URL("../../../icons.svg", import.meta.url).href;

/** @param {string} symbol @param {string} className @returns {SVGSVGElement} */
export function icon(symbol, className) {
  const svg = /** @type {SVGSVGElement} */ (document.createElementNS(SVG, "svg"));
  svg.setAttribute("class", className);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${symbol}`);
  svg.append(use);
  return svg;
}

/** @type {Record<string, string>} */
const SIGNS = { pipeline: "icon-pipeline", approval: "icon-user" };

/** What a step is, where it is only planned. @param {string} [kind] */
export const signOf = (kind = "task") => SIGNS[kind] ?? "icon-template";

/** @param {string} className */
function span(className) {
  const element = document.createElement("span");
  element.className = className;
  return element;
}

/** One button, which shows one step after another during its life. */
export class Card {
  constructor() {
    this.index = -1;
    this.x = NaN;
    this.y = NaN;
    /** Words that belong to its name. */
    this.remark = "";
    /** The sign of a step that is only planned. */
    this.draftIcon = "icon-template";
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "graph-card";
    this.button.tabIndex = -1;
    this.icon = icon("status-pending", "graph-card-icon");
    this.use = /** @type {SVGUseElement} */ (this.icon.firstChild);
    this.name = span("graph-card-name");
    this.head = span("graph-card-head");
    this.tail = span("graph-card-tail");
    this.name.append(this.head, this.tail);
    this.line = span("graph-card-line");
    this.progress = span("graph-card-progress");
    this.stale = icon("icon-stale", "graph-card-stale");
    this.bar = span("graph-card-bar");
    this.button.append(this.icon, this.name, this.stale, this.line, this.progress, this.bar);
    this.shown = { symbol: "", name: "", line: "", label: "", progress: -1, stale: false, bar: "", lit: "" };
    /** @type {string | null} the second line of a card that stands for several steps */
    this.counted = null;
  }

  /** @param {string} name @param {StepState} state @param {number} now @param {number} parents @param {number} children
   * @param {import("../tally.js").Told | null} told of a card that stands for several steps */
  show(name, state, now, parents, children, told = null) {
    const { shown } = this;
    this.counted = told?.line ?? null;
    this.#showBar(told);
    const symbol = state.status === "draft" ? this.draftIcon : `status-${state.status}`;
    if (shown.symbol !== symbol) {
      shown.symbol = symbol;
      this.button.dataset.status = state.status;
      this.use.setAttribute("href", `${SPRITE}#${symbol}`);
    }
    if (shown.name !== name) {
      shown.name = name;
      [this.head.textContent, this.tail.textContent] = splitName(name);
    }
    const label = cardName(told ? `${name}, ${told.line}` : name, state, parents, children, this.remark);
    if (shown.label !== label) {
      shown.label = label;
      this.button.setAttribute("aria-label", label);
    }
    this.tick(state, now);
    // The line may be cut short on the card; a clock that ticks is not worth a new title each second.
    const title = isClocked(state.status) ? name : `${name} · ${this.shown.line}`;
    if (this.button.title !== title) this.button.title = title;
    this.#showProgress(state);
    if (shown.stale !== state.stale) {
      shown.stale = state.stale;
      this.button.toggleAttribute("data-stale", state.stale);
    }
  }

  /** @param {StepState} state @param {number} now */
  tick(state, now) {
    const line = this.counted ?? cardLine(state, now);
    if (this.shown.line === line) return;
    this.shown.line = line;
    this.line.textContent = line;
  }

  /** @param {StepState} state */
  #showProgress(state) {
    const active = state.status === "running" || state.status === "aborting";
    const progress = active && !Number.isNaN(state.progress) ? Math.min(Math.max(state.progress, 0), 1) : -1;
    if (this.shown.progress === progress) return;
    this.shown.progress = progress;
    this.progress.style.transform = `scaleX(${Math.max(progress, 0)})`;
    this.button.toggleAttribute("data-progress", progress >= 0);
  }

  /** @param {import("../tally.js").Told | null} told */
  #showBar(told) {
    const bar = told?.bar.map(({ word, count }) => `${word} ${count}`).join() ?? "";
    if (this.shown.bar === bar) return;
    this.shown.bar = bar;
    this.button.toggleAttribute("data-bundle", told !== null);
    if (told) this.button.setAttribute("aria-expanded", "false");
    else this.button.removeAttribute("aria-expanded");
    this.bar.replaceChildren(...(told?.bar ?? []).map(({ word, count }) => {
      const part = span("graph-card-part");
      part.dataset.status = word;
      part.style.flexGrow = String(count);
      return part;
    }));
  }

  /** @param {boolean | null} lit null when nothing is looked for */
  setLit(lit) {
    const look = lit === null ? "" : lit ? "lit" : "faded";
    if (this.shown.lit === look) return;
    this.shown.lit = look;
    if (look) this.button.dataset.look = look;
    else delete this.button.dataset.look;
  }

  /** @param {number} index @param {number} x @param {number} y */
  standAt(index, x, y) {
    if (this.index !== index) this.button.dataset.index = String(index);
    this.index = index;
    if (this.x === x && this.y === y) return;
    this.x = x;
    this.y = y;
    this.button.style.transform = `translate(${x}px, ${y}px)`;
  }
}

export class CardLayer {
  /** @param {HTMLElement} world the element that the camera moves */
  constructor(world) {
    this.world = world;
    /** @type {Map<number, Card>} */
    this.cards = new Map();
    /** @type {Card[]} */
    this.spare = [];
    this.focusable = -1;
    this.selected = -1;
  }

  /**
   * Exactly these steps have a card afterwards. Cards stand in the document by index, so that a screen reader meets
   * them in the order of the pipeline; the one that has the focus is never taken away from under it.
   * @param {number[]} indexes ascending @param {Layout} layout @param {(card: Card, index: number) => void} fill
   */
  keep(indexes, layout, fill) {
    const wanted = new Set(indexes);
    for (const [index, card] of this.cards) {
      if (wanted.has(index)) continue;
      card.button.remove();
      this.cards.delete(index);
      this.spare.push(card);
    }
    /** @type {Element | null} */
    let next = null;
    for (let i = indexes.length - 1; i >= 0; i -= 1) {
      const index = indexes[i];
      const card = this.cards.get(index) ?? this.#taken(index, fill);
      card.standAt(index, layout.x[index], layout.y[index]);
      if (card.button.parentNode !== this.world || (next && card.button.nextElementSibling !== next)) {
        this.world.insertBefore(card.button, next);
      }
      next = card.button;
    }
  }

  /** @param {number} index @param {(card: Card, index: number) => void} fill */
  #taken(index, fill) {
    const card = this.spare.pop() ?? new Card();
    this.cards.set(index, card);
    card.button.tabIndex = index === this.focusable ? 0 : -1;
    mark(card.button, index === this.selected);
    fill(card, index);
    return card;
  }

  /** The one card that Tab reaches. @param {number} index */
  setFocusable(index) {
    const before = this.cards.get(this.focusable);
    if (before) before.button.tabIndex = -1;
    this.focusable = index;
    const card = this.cards.get(index);
    if (card) card.button.tabIndex = 0;
  }

  /** @param {number} index -1 for none */
  setSelected(index) {
    const before = this.cards.get(this.selected);
    if (before) mark(before.button, false);
    this.selected = index;
    const card = this.cards.get(index);
    if (card) mark(card.button, true);
  }

  /** Other nodes have these indexes now: every card is filled anew. */
  forget() {
    for (const card of this.cards.values()) {
      card.button.remove();
      this.spare.push(card);
    }
    this.cards.clear();
  }

  hasFocus() {
    return this.world.contains(document.activeElement);
  }

  /** @param {number} index */
  focus(index) {
    this.cards.get(index)?.button.focus({ preventScroll: true });
  }
}

/** @param {HTMLElement} button @param {boolean} selected */
function mark(button, selected) {
  if (selected) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
}
