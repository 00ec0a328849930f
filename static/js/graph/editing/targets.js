/**
 * Which steps an edge may lead to, and the sentence for those that it may not. Pure; works on the steps' model.
 */

import { buildModel, childrenOf, parentsOf } from "../model.js";

/** @typedef {import("../model.js").Model} Model */

/** One for each step that an edge from (forwards) or to (backwards) this one may end at.
 * @param {Model} model @param {number} step @param {boolean} forwards @returns {Uint8Array} */
export function possibleTargets(model, step, forwards) {
  const possible = new Uint8Array(model.size).fill(1);
  // Whoever leads here already would close a circle.
  const open = [step];
  possible[step] = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const next of forwards ? parentsOf(model, at) : childrenOf(model, at)) {
      if (possible[next]) open.push(next);
      possible[next] = 0;
    }
  }
  for (const near of forwards ? childrenOf(model, step) : parentsOf(model, step)) possible[near] = 0;
  return possible;
}

/** @param {Model} model @param {{parent: number, child: number}} edge @returns {Model} */
export const withoutEdge = (model, { parent, child }) => buildModel({
  revision: model.revision,
  nodes: model.nodes.map((node) => (node.index === child ? { ...node, parents: node.parents.filter((one) => one !== parent) } : node)),
});

/** The shortest way along the edges, both ends included. @param {Model} model @param {number} from @param {number} to
 * @returns {number[] | null} */
export function pathBetween(model, from, to) {
  const cameFrom = new Int32Array(model.size).fill(-1);
  cameFrom[from] = from;
  const queue = [from];
  for (const step of queue) {
    if (step === to) break;
    for (const child of childrenOf(model, step)) {
      if (cameFrom[child] >= 0) continue;
      cameFrom[child] = step;
      queue.push(child);
    }
  }
  if (cameFrom[to] < 0) return null;
  const path = [to];
  while (path[0] !== from) path.unshift(cameFrom[path[0]]);
  return path;
}

/** Why this edge may not be, in words; null when it may. @param {Model} model @param {number} parent @param {number} child
 * @returns {string | null} */
export function refusal(model, parent, child) {
  const name = (/** @type {number} */ step) => model.nodes[step].name;
  if (parent === child) return `${name(parent)} cannot wait for itself.`;
  if (parentsOf(model, child).includes(parent)) return `${name(child)} already comes after ${name(parent)}.`;
  const path = pathBetween(model, child, parent);
  return path ? `That would be a circle: ${[...path, child].map(name).join(" → ")}.` : null;
}
