/**
 * Where every node stands and which way every edge runs: our own layered layout, from left to right.
 * Pure and deterministic; runs in a worker, in Node, and for small graphs on the page itself.
 */

import { buildLayers } from "./layout/layers.js";
import { linksOf, orderLayers } from "./layout/order.js";
import { packed } from "./layout/pack.js";
import { placeRows } from "./layout/place.js";
import { components, ranksOf } from "./layout/ranks.js";
import { breadths, folded, SLOT_GAP } from "./layout/wrap.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {object} Layout
 * @property {number} nodeWidth
 * @property {number} nodeHeight
 * @property {number} [left]    of the whole picture; 0 unless somebody has placed the nodes
 * @property {number} [top]
 * @property {number} width
 * @property {number} height
 * @property {Float32Array} x      left side of each node
 * @property {Float32Array} y      upper side of each node
 * @property {Int32Array} rank     how many steps lead to each node
 * @property {Int32Array} column   nodes with the same number stand in the same column (folded or not)
 * @property {Int32Array} routeStart  edges + 1
 * @property {Float32Array} route  three numbers for each level stretch of an edge: left, right, height
 */

export const SPACING = Object.freeze({
  nodeWidth: 208, nodeHeight: 52, gapX: 72, gapY: 24, lineGap: 18, componentGap: 56,
});

/**
 * 1. Columns by longest path. 2. Each component by itself: dummies for long edges, 3. order within columns,
 * very tall ones folded, 4. heights, 5. column positions, wider where links are steep. 6. Components packed.
 *
 * @param {Model} model
 * @param {Float32Array | null} [previous] heights of the last picture by node, NaN for new ones: keeps it stable
 * @returns {Layout}
 */
export function layoutGraph(model, previous = null) {
  const rank = ranksOf(model);
  const pieces = components(model).map((members) => layoutComponent(model, members, rank, previous));
  const origins = packed(pieces, SPACING.componentGap);
  return assembled(model, rank, pieces, origins);
}

/**
 * @typedef {object} Piece
 * @property {import("./layout/layers.js").Layers} layers
 * @property {import("./layout/wrap.js").Cells} cells
 * @property {Float64Array} y        centre of each cell
 * @property {Float64Array} columns  left side of each column
 * @property {Float64Array} widths   of each column
 * @property {number} width
 * @property {number} height
 */

/** @param {Model} model @param {number[]} members @param {Int32Array} rank @param {Float32Array | null} previous @returns {Piece} */
function layoutComponent(model, members, rank, previous) {
  const layers = buildLayers(model, members, rank);
  const rows = orderLayers(layers, linksOf(layers), seedOf(layers, previous));
  const cells = folded(layers, rows, breadths(layers, rows, SPACING));
  const y = placeRows(cells.layers, cells.rows, linksOf(cells.layers), SPACING);
  let [top, bottom] = [Infinity, -Infinity];
  for (let cell = 0; cell < y.length; cell += 1) {
    const half = cell < cells.layers.real ? SPACING.nodeHeight / 2 : 0;
    top = Math.min(top, y[cell] - half);
    bottom = Math.max(bottom, y[cell] + half);
  }
  for (let cell = 0; cell < y.length; cell += 1) y[cell] -= top;
  const widths = Float64Array.from(cells.breadth, (slots) => slots * SPACING.nodeWidth + (slots - 1) * SLOT_GAP);
  const columns = columnsOf(cells.layers, y, widths);
  const last = layers.ranks - 1;
  return { layers, cells, y, columns, widths, width: columns[last] + widths[last], height: Math.ceil(bottom - top) };
}

/** @param {import("./layout/layers.js").Layers} layers @param {Float32Array | null} previous */
function seedOf(layers, previous) {
  if (!previous) return null;
  const seed = new Float64Array(layers.count).fill(NaN);
  layers.members.forEach((node, v) => { seed[v] = node < previous.length ? previous[node] : NaN; });
  return seed.some((height) => !Number.isNaN(height)) ? seed : null;
}

/** Steep links need room to bend, or they melt into one vertical line.
 * @param {import("./layout/layers.js").Layers} layers @param {Float64Array} y @param {Float64Array} widths */
function columnsOf(layers, y, widths) {
  const steepness = new Float64Array(layers.ranks);
  const links = new Int32Array(layers.ranks);
  for (let link = 0; link < layers.linkFrom.length; link += 1) {
    const from = layers.linkFrom[link];
    steepness[layers.rank[from]] += Math.abs(y[from] - y[layers.linkTo[link]]);
    links[layers.rank[from]] += 1;
  }
  const columns = new Float64Array(layers.ranks);
  for (let r = 1; r < layers.ranks; r += 1) {
    const extra = Math.min(steepness[r - 1] / Math.max(links[r - 1], 1) / 8, 240);
    columns[r] = Math.round(columns[r - 1] + widths[r - 1] + SPACING.gapX + extra);
  }
  return columns;
}

/** @param {Model} model @param {Int32Array} rank @param {Piece[]} pieces @param {[number, number][]} origins @returns {Layout} */
function assembled(model, rank, pieces, origins) {
  const { nodeWidth, nodeHeight } = SPACING;
  const x = new Float32Array(model.size);
  const y = new Float32Array(model.size);
  const column = new Int32Array(model.size);
  /** @type {number[][]} */
  const routes = Array.from({ length: model.parents.length }, () => []);
  let [width, height, firstColumn] = [0, 0, 0];
  pieces.forEach((piece, i) => {
    const { layers, cells } = piece;
    const [left, top] = origins[i];
    layers.members.forEach((node, v) => {
      x[node] = left + piece.columns[layers.rank[v]] + cells.slot[v] * (nodeWidth + SLOT_GAP);
      y[node] = Math.round(top + piece.y[cells.cellOf[v]] - nodeHeight / 2);
      column[node] = firstColumn + layers.rank[v];
    });
    routePiece(model, piece, left, top, routes);
    width = Math.max(width, left + piece.width);
    height = Math.max(height, top + piece.height);
    firstColumn += layers.ranks;
  });
  return { nodeWidth, nodeHeight, width, height, x, y, rank, column, ...flattened(routes) };
}

/** @param {Model} model @param {Piece} piece @param {number} left @param {number} top @param {number[][]} routes filled */
function routePiece(model, piece, left, top, routes) {
  const { layers, cells, columns, widths } = piece;
  /** @param {number} v */
  const across = (v) => {
    const start = left + columns[layers.rank[v]];
    return [start, start + widths[layers.rank[v]], Math.round(top + piece.y[cells.cellOf[v]])];
  };
  const vertexOf = new Map(layers.members.map((node, v) => [node, v]));
  for (const child of layers.members) {
    for (let edge = model.parentStart[child]; edge < model.parentStart[child + 1]; edge += 1) {
      const from = /** @type {number} */ (vertexOf.get(model.parents[edge]));
      const to = /** @type {number} */ (vertexOf.get(child));
      const between = (layers.routes.get(edge) ?? []).flatMap(across);
      routes[edge] = [...laneOut(across(from), cells.slot[from]), ...between, ...laneIn(across(to), cells.slot[to])];
    }
  }
}

/** From an inner slot to the right end of its column. @param {number[]} column @param {number} slot @returns {number[]} */
function laneOut([left, right, y], slot) {
  const start = left + slot * (SPACING.nodeWidth + SLOT_GAP) + SPACING.nodeWidth + SLOT_GAP;
  return start < right ? [start, right, y - (SPACING.nodeHeight + SPACING.gapY) / 2] : [];
}

/** From the left end of a column to an inner slot. @param {number[]} column @param {number} slot @returns {number[]} */
function laneIn([left, , y], slot) {
  const end = left + slot * (SPACING.nodeWidth + SLOT_GAP) - SLOT_GAP;
  return slot > 0 ? [left, end, y - (SPACING.nodeHeight + SPACING.gapY) / 2] : [];
}

/** @param {number[][]} routes */
function flattened(routes) {
  const routeStart = new Int32Array(routes.length + 1);
  routes.forEach((route, edge) => { routeStart[edge + 1] = routeStart[edge] + route.length; });
  const route = new Float32Array(routeStart[routes.length]);
  routes.forEach((points, edge) => route.set(points, routeStart[edge]));
  return { routeStart, route };
}

/**
 * Positions that came with the graph, if every node has one; edges then run straight from port to port.
 * @param {Model} model @returns {Layout | null}
 */
export function givenLayout(model) {
  const { places, nodes, size } = model;
  if (!places || size === 0 || !nodes.every((node) => places[node.name])) return null;
  const x = Float32Array.from(nodes, (node) => places[node.name][0]);
  const y = Float32Array.from(nodes, (node) => places[node.name][1]);
  return placedLayout(x, y, model.parents.length);
}

/** Nodes where somebody has put them. @param {Float32Array} x @param {Float32Array} y @param {number} edges @returns {Layout} */
export function placedLayout(x, y, edges) {
  const { nodeWidth, nodeHeight } = SPACING;
  const [left, top] = [x.length ? Math.min(...x) : 0, y.length ? Math.min(...y) : 0];
  return {
    nodeWidth, nodeHeight, x, y, left, top, rank: new Int32Array(x.length), column: Int32Array.from(x),
    width: x.reduce((high, value) => Math.max(high, value), left) + nodeWidth - left,
    height: y.reduce((high, value) => Math.max(high, value), top) + nodeHeight - top,
    routeStart: new Int32Array(edges + 1), route: new Float32Array(0),
  };
}
