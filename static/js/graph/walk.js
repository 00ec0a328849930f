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

/** Up and down in the same column, row by row where it is folded; from its end on to whatever stands in line.
 * @param {Layout} layout @param {number} from @param {1 | -1} direction */
function neighbourInColumn(layout, from, direction) {
  const { x, y, column, nodeWidth } = layout;
  /** @param {number} a @param {number} b */
  const after = (a, b) => (y[a] - y[b] || x[a] - x[b]) * direction;
  let [inColumn, inLine] = [from, from];
  for (let node = 0; node < x.length; node += 1) {
    if (after(node, from) <= 0) continue;
    if (column[node] === column[from]) {
      if (inColumn === from || after(node, inColumn) < 0) inColumn = node;
    } else if (y[node] !== y[from] && Math.abs(x[node] - x[from]) <= nodeWidth / 2) {
      if (inLine === from || after(node, inLine) < 0) inLine = node;
    }
  }
  return inColumn === from ? inLine : inColumn;
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
