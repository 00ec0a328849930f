/** Where steps stand: put, moved, aligned, distributed. Cards are of one size, so their corners are compared. */

import { positionOf, stepsByName, withPart } from "./document.js";
import { isObject, same } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Point} Point
 * @typedef {"left" | "centre" | "right" | "top" | "middle" | "bottom"} Side
 * @typedef {"across" | "down"} Axis
 * @typedef {Iterable<readonly [name: string, at: Point | null]> | Readonly<Record<string, Point | null>>} Positions
 */

/** @type {Record<Side, {axis: 0 | 1, choose: (low: number, high: number) => number}>} */
const SIDES = {
  left: { axis: 0, choose: (low) => low },
  centre: { axis: 0, choose: (low, high) => Math.round((low + high) / 2) },
  right: { axis: 0, choose: (_, high) => high },
  top: { axis: 1, choose: (low) => low },
  middle: { axis: 1, choose: (low, high) => Math.round((low + high) / 2) },
  bottom: { axis: 1, choose: (_, high) => high },
};

/**
 * Puts steps to places; null leaves a step to the automatic layout again.
 * @param {Document} document @param {Positions} positions @returns {Document}
 */
export function place(document, positions) {
  const steps = stepsByName(document);
  const layout = new Map(Object.entries(isObject(document.layout) ? document.layout : {}));
  let changed = false;
  for (const [name, at] of pairsOf(positions)) {
    if (!steps.has(name) || same(layout.get(name) ?? null, at)) continue;
    changed = true;
    if (at) layout.set(name, [at[0], at[1]]);
    else layout.delete(name);
  }
  return changed ? withPart(document, "layout", Object.fromEntries(layout)) : document;
}

/** @param {Positions} positions @returns {Iterable<readonly [string, Point | null]>} */
function pairsOf(positions) {
  return Symbol.iterator in positions ? /** @type {any} */ (positions) : Object.entries(positions);
}

/**
 * Moves steps. One that has no place of its own yet starts from where it is shown, and stays where it is if that is unknown.
 * @param {Document} document @param {Iterable<string>} names @param {number} dx @param {number} dy
 * @param {(name: string) => Point | null} [shown] @returns {Document}
 */
export function moveSteps(document, names, dx, dy, shown = () => null) {
  if (!dx && !dy) return document;
  return place(document, placed(document, names, shown).map(([name, [x, y]]) => [name, [x + dx, y + dy]]));
}

/**
 * Brings steps into one line. @param {Document} document @param {Iterable<string>} names @param {Side} side
 * @param {(name: string) => Point | null} [shown] @returns {Document}
 */
export function align(document, names, side, shown = () => null) {
  const { axis, choose } = SIDES[side];
  const found = placed(document, names, shown);
  const along = found.map(([, at]) => at[axis]);
  const line = choose(Math.min(...along), Math.max(...along));
  return place(document, found.map(([name, at]) => [name, withAxis(at, axis, line)]));
}

/**
 * Gives steps equal distances between the outermost two. @param {Document} document @param {Iterable<string>} names @param {Axis} axis
 * @param {(name: string) => Point | null} [shown] @returns {Document}
 */
export function distribute(document, names, axis, shown = () => null) {
  const of = axis === "across" ? 0 : 1;
  const found = placed(document, names, shown).sort(([, one], [, other]) => one[of] - other[of]);
  if (found.length < 3) return document;
  const first = found[0][1][of];
  const gap = (found[found.length - 1][1][of] - first) / (found.length - 1);
  return place(document, found.map(([name, at], number) => [name, withAxis(at, of, Math.round(first + gap * number))]));
}

/**
 * @param {Document} document @param {Iterable<string>} names @param {(name: string) => Point | null} shown
 * @returns {[string, Point][]}
 */
function placed(document, names, shown) {
  const found = [];
  for (const name of names) {
    const at = positionOf(document, name) ?? shown(name);
    if (at) found.push(/** @type {[string, Point]} */ ([name, at]));
  }
  return found;
}

/** @param {Point} at @param {0 | 1} axis @param {number} value @returns {Point} */
const withAxis = (at, axis, value) => (axis === 0 ? [value, at[1]] : [at[0], value]);
