/**
 * What a card shows only while it is edited: selected or not, problems, changed since the last version. Each in
 * words too, because the marks alone say nothing to a screen reader.
 */

import { icon, signOf } from "../paint/cards.js";

/**
 * @typedef {import("../paint/cards.js").Card} Card
 * @typedef {import("./picture.js").ShownStep} ShownStep
 */

const WORST = ["error", "warning"];

/** The card's elements that are ours. @type {WeakMap<Card, {mark: SVGElement, dot: HTMLElement}>} */
const extras = new WeakMap();

/** @param {Card} card @param {ShownStep[]} steps all that it stands for @param {boolean} isGroup @param {boolean} selected */
export function dress(card, steps, isGroup, selected) {
  const problem = WORST.find((word) => steps.some((step) => step.problem === word)) ?? "";
  const changed = steps.some((step) => step.changed);
  card.draftIcon = isGroup ? "icon-project" : signOf(steps[0].kind);
  card.remark = [problem && (problem === "error" ? "has an error" : "has a warning"), changed && "changed since published"]
    .filter(Boolean).join(", ");
  markSelected(card, selected);
  const { button } = card;
  if (button.dataset.problem === (problem || undefined) && button.hasAttribute("data-changed") === changed) return;
  addExtras(card);
  button.toggleAttribute("data-changed", changed);
  if (problem) button.dataset.problem = problem;
  else delete button.dataset.problem;
}

/** @param {Card} card @param {boolean} selected */
export function markSelected({ button }, selected) {
  const word = String(selected);
  if (button.getAttribute("aria-pressed") !== word) button.setAttribute("aria-pressed", word);
}

/** @param {Card} card */
function addExtras(card) {
  if (extras.has(card)) return;
  const mark = icon("icon-warning", "edit-mark");
  const dot = document.createElement("span");
  dot.className = "edit-dot";
  card.button.append(mark, dot);
  extras.set(card, { mark, dot });
}
