/**
 * Small graphs with names, each drawn, and what is needed to look at a layout of them.
 */

import { buildModel } from "../../../static/js/graph/model.js";
import { graphOf, layeredGraph } from "../harness/graphs.js";

/** @param {Record<string, string>} parentsByName names of parents, separated by blanks */
export function modelOf(parentsByName) {
  const names = Object.keys(parentsByName);
  return buildModel(graphOf(names.map((name) => [
    name, parentsByName[name].split(" ").filter(Boolean).map((parent) => names.indexOf(parent)),
  ])));
}

/** a → b → c */
export const CHAIN = modelOf({ a: "", b: "a", c: "b" });

/**
 *     ┌→ b ─┐
 *   a ┤     ├→ d
 *     └→ c ─┘
 */
export const DIAMOND = modelOf({ a: "", b: "a", c: "a", d: "b c" });

/** a → b → c → d, and a → d past them */
export const LONG_EDGE = modelOf({ a: "", b: "a", c: "b", d: "a c" });

/** a → b   c → d   e */
export const ISLANDS = modelOf({ a: "", b: "a", c: "", d: "c", e: "" });

/** One source, `width` steps side by side, one sink. @param {number} width */
export const fanOut = (width) => buildModel(graphOf([
  ["source", []],
  ...Array.from({ length: width }, (_, i) => /** @type {[string, number[]]} */ ([`item ${i}`, [0]])),
  ["sink", Array.from({ length: width }, (_, i) => i + 1)],
]));

/** @param {number} size @param {number} [seed] */
export const layered = (size, seed = 1) => buildModel(layeredGraph(size, seed));

/** Pairs of nodes whose cards overlap. @param {import("../../../static/js/graph/layout.js").Layout} layout */
export function overlaps({ x, y, nodeWidth, nodeHeight }) {
  const order = Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b]);
  const found = [];
  for (let i = 0; i < order.length; i += 1) {
    for (let j = i + 1; j < order.length && x[order[j]] < x[order[i]] + nodeWidth; j += 1) {
      if (Math.abs(y[order[i]] - y[order[j]]) < nodeHeight) found.push([order[i], order[j]]);
    }
  }
  return found;
}

/** How often straight lines between neighbouring columns cross. @param {import("../../../static/js/graph/model.js").Model} model
 * @param {import("../../../static/js/graph/layout.js").Layout} layout */
export function crossings(model, layout) {
  let count = 0;
  for (let e = 0; e < model.parents.length; e += 1) {
    for (let f = e + 1; f < model.parents.length; f += 1) {
      const [a, b, c, d] = [model.parents[e], model.childOfEdge[e], model.parents[f], model.childOfEdge[f]];
      if (layout.x[a] !== layout.x[c] || layout.x[b] !== layout.x[d]) continue;
      if ((layout.y[a] - layout.y[c]) * (layout.y[b] - layout.y[d]) < 0) count += 1;
    }
  }
  return count;
}
