/** Connecting and disconnecting steps. What comes from a reference is no plain order and cannot be plainly removed. */

import { changeStep, NotPossible, stepNamed, withPart } from "./document.js";
import { cyclePath, parentsOf, REFERRING } from "./graph.js";
import { stepsIn } from "./references.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Step} Step
 */

/**
 * Lets one step come after another.
 * @param {Document} document @param {string} parent @param {string} child @returns {Document}
 */
export function connect(document, parent, child) {
  stepNamed(document, parent);
  if (parentsOf(stepNamed(document, child)).has(parent)) return document;
  const circle = cyclePath(document, parent, child);
  if (circle) throw new NotPossible(circleSentence(circle));
  return changeStep(document, child, (step) => withParents(step, [...orderOf(step), parent]));
}

/** @param {readonly string[]} circle */
export function circleSentence(circle) {
  if (circle.length === 2) return `“${circle[0]}” cannot come after itself.`;
  return `That would be a circle: ${circle.map((name) => `“${name}”`).join(" → ")}.`;
}

/** Takes a plain order away. @param {Document} document @param {string} parent @param {string} child @returns {Document} */
export function disconnect(document, parent, child) {
  const step = stepNamed(document, child);
  const kind = parentsOf(step).get(parent);
  if (kind === "reference") throw new NotPossible(referenceSentence(step, parent));
  if (!kind) return document;
  return changeStep(document, child, (one) => withParents(one, orderOf(one).filter((name) => name !== parent)));
}

/** @param {Step} step @param {string} parent */
function referenceSentence(step, parent) {
  const field = REFERRING.find((one) => stepsIn(step[one]).includes(parent)) ?? "parameters";
  const isMeant = (/** @type {string} */ one) => stepsIn(step.parameters[one]).includes(parent);
  const key = field === "parameters" ? Object.keys(step.parameters).find(isMeant) : field;
  return `“${step.name}” uses a value of “${parent}” in ${key}: change that to part them.`;
}

/** The parents that a step names itself. @param {Step} step @returns {readonly string[]} */
export const orderOf = (step) => (Array.isArray(step.parents) ? step.parents : []);

/** @param {Step} step @param {readonly string[]} parents @returns {Step} */
export const withParents = (step, parents) => withPart(step, "parents", [...new Set(parents)]);
