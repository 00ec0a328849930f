/**
 * The keyboard's way through the graph: arrows follow edges and columns. Pure: from a node and a key to a node.
 */

import { childrenOf, parentsOf } from "./model.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {"ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End"} WalkKey
 */

const KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);

/** @param {string} key @returns {key is WalkKey} */
export const isWalkKey = (key) => KEYS.has(key);

/** Where the key leads; the same node when there is nothing there.
 * @param {Model} model @param {Layout} layout @param {number} from @param {WalkKey} key @returns {number} */
export function walk(model, layout, from, key) {
  switch (key) {
    case "ArrowRight": return nearest(layout, childrenOf(model, from), from);
    case "ArrowLeft": return nearest(layout, parentsOf(model, from), from);
    case "ArrowUp": return neighbourInColumn(layout, from, -1);
    case "ArrowDown": return neighbourInColumn(layout, from, 1);
    case "Home": return extreme(layout, from, -1);
    case "End": return extreme(layout, from, 1);
  }
}

/** The one at the most similar height; so that going there and back returns. @param {Layout} layout
 * @param {Int32Array} candidates @param {number} from */
function nearest(layout, candidates, from) {
  let best = from;
  let least = Infinity;
  for (const node of candidates) {
    const distance = Math.abs(layout.y[node] - layout.y[from]);
    if (distance < least) [best, least] = [node, distance];
  }
  return best;
}

/** @param {Layout} layout @param {number} from @param {1 | -1} direction */
function neighbourInColumn(layout, from, direction) {
  let best = from;
  let least = Infinity;
  for (let node = 0; node < layout.x.length; node += 1) {
    const distance = (layout.y[node] - layout.y[from]) * direction;
    // Columns of different components can stand a little apart; half a card is still the same column to the eye.
    if (distance <= 0 || Math.abs(layout.x[node] - layout.x[from]) > layout.nodeWidth / 2) continue;
    if (distance < least) [best, least] = [node, distance];
  }
  return best;
}

/** The first or last column, at the most similar height. @param {Layout} layout @param {number} from @param {1 | -1} side */
function extreme(layout, from, side) {
  let best = from;
  for (let node = 0; node < layout.x.length; node += 1) {
    const further = (layout.x[node] - layout.x[best]) * side;
    const closer = Math.abs(layout.y[node] - layout.y[from]) < Math.abs(layout.y[best] - layout.y[from]);
    if (further > 0 || (further === 0 && best !== from && closer)) best = node;
  }
  return best;
}
