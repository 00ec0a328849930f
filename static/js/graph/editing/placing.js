/**
 * Where steps go that nobody has placed: right of their parents, else left of their children, at the nearest free
 * spot. Pure.
 */

import { SPACING } from "../layout.js";
import { childrenOf, parentsOf } from "../model.js";
import { snapped } from "./snapping.js";

/** @typedef {import("../model.js").Model} Model */

const { nodeWidth, nodeHeight, gapX, gapY } = SPACING;
const STEP_Y = nodeHeight + gapY;
const MOST_TRIES = 400;

/** Fills in the places that are NaN. @param {Model} model @param {Float32Array} x @param {Float32Array} y */
export function placeMissing(model, x, y) {
  const waiting = [...x.keys()].filter((step) => Number.isNaN(x[step]));
  if (waiting.length === 0) return;
  const taken = [...x.keys()].filter((step) => !Number.isNaN(x[step]));
  const isPlaced = (/** @type {number} */ step) => !Number.isNaN(x[step]);
  while (waiting.length) {
    // Parents before children; in a circle somebody has to begin.
    const ready = waiting.findIndex((step) => parentsOf(model, step).every(isPlaced));
    const [step] = waiting.splice(Math.max(ready, 0), 1);
    const [left, top] = freeSpot(wish(model, step, x, y, taken), x, y, taken);
    x[step] = left;
    y[step] = top;
    taken.push(step);
  }
}

/** @param {Model} model @param {number} step @param {Float32Array} x @param {Float32Array} y @param {number[]} taken
 * @returns {[number, number]} */
function wish(model, step, x, y, taken) {
  const placed = (/** @type {Int32Array} */ list) => [...list].filter((near) => !Number.isNaN(x[near]));
  const mean = (/** @type {number[]} */ list) => list.reduce((sum, near) => sum + y[near], 0) / list.length;
  const parents = placed(parentsOf(model, step));
  if (parents.length) return [Math.max(...parents.map((near) => x[near])) + nodeWidth + gapX, mean(parents)];
  const children = placed(childrenOf(model, step));
  if (children.length) return [Math.min(...children.map((near) => x[near])) - nodeWidth - gapX, mean(children)];
  if (taken.length === 0) return [0, 0];
  return [taken.reduce((low, near) => Math.min(low, x[near]), Infinity), taken.reduce((high, near) => Math.max(high, y[near]), -Infinity) + STEP_Y];
}

/** @param {[number, number]} at @param {Float32Array} x @param {Float32Array} y @param {number[]} taken */
export const isFree = ([left, top], x, y, taken) => !taken.some((other) => (
  Math.abs(x[other] - left) < nodeWidth + gapY && Math.abs(y[other] - top) < nodeHeight + gapY / 2));

/** The wished place, or the next above or below it where nothing stands. @param {[number, number]} wished
 * @param {Float32Array} x @param {Float32Array} y @param {number[]} taken @returns {[number, number]} */
export function freeSpot([wishedX, wishedY], x, y, taken) {
  const left = snapped(wishedX);
  const inTheWay = taken.filter((other) => Math.abs(x[other] - left) < nodeWidth + gapY);
  for (let i = 0; i < MOST_TRIES; i += 1) {
    const away = Math.ceil(i / 2) * (i % 2 ? 1 : -1);
    const top = snapped(wishedY + away * STEP_Y);
    if (isFree([left, top], x, y, inTheWay)) return [left, top];
  }
  return [left, snapped(wishedY)];
}
