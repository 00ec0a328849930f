/** Which nodes are in a box, and which one is under a point. */

import { Grid } from "./grid.js";

/**
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {import("./camera.js").Box} Box
 */

/** A layout may come from the worker, as plain data; its grid is made here, once. @type {WeakMap<Layout, Grid>} */
const grids = new WeakMap();

/** @param {Layout} layout @returns {Grid} */
function gridOf(layout) {
  let grid = grids.get(layout);
  if (!grid) {
    const { x, y, nodeWidth, nodeHeight } = layout;
    const boxes = new Float32Array(x.length * 4);
    for (let node = 0; node < x.length; node += 1) {
      boxes.set([x[node], y[node], x[node] + nodeWidth, y[node] + nodeHeight], node * 4);
    }
    grid = new Grid(boxes);
    grids.set(layout, grid);
  }
  return grid;
}

/** Ascending. @param {Layout} layout @param {Box} box @param {number} [limit] stop when there are more
 * @returns {number[]} */
export const nodesIn = (layout, box, limit = Infinity) => gridOf(layout).find(box, limit);

/** @param {Layout} layout @param {number} worldX @param {number} worldY @param {number} [slack] how near is enough
 * @returns {number | null} */
export function nodeAt(layout, worldX, worldY, slack = 0) {
  const near = nodesIn(layout, {
    left: worldX - slack, right: worldX + slack, top: worldY - slack, bottom: worldY + slack,
  });
  /** @param {number} node */
  const distance = (node) =>
    Math.abs(layout.x[node] + layout.nodeWidth / 2 - worldX) + Math.abs(layout.y[node] + layout.nodeHeight / 2 - worldY);
  let best = null;
  for (const node of near) if (best === null || distance(node) < distance(best)) best = node;
  return best;
}

/** Nodes stand elsewhere now. @param {Layout} layout */
export const forgetGrid = (layout) => grids.delete(layout);

/** @param {Layout} layout @returns {Box} */
export const boundsOf = ({ left = 0, top = 0, width, height }) => ({ left, top, right: left + width, bottom: top + height });

/** @param {Layout} layout @param {number} node @returns {Box} */
export const boxOf = (layout, node) => ({
  left: layout.x[node], top: layout.y[node],
  right: layout.x[node] + layout.nodeWidth, bottom: layout.y[node] + layout.nodeHeight,
});
