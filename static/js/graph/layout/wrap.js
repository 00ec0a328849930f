/**
 * Tall columns folded into several: a fan-out of a thousand becomes a block that one can see, not a pole.
 * Neighbours in order share a row of the block (a cell), and edges reach the inner ones through the lane above it.
 */

/**
 * @typedef {import("./layers.js").Layers} Layers
 * @typedef {import("./order.js").Links} Links
 * @typedef {{nodeWidth: number, nodeHeight: number, gapX: number, gapY: number}} Spacing
 * @typedef {object} Cells
 * @property {Layers} layers      each cell one vertex
 * @property {Int32Array[]} rows  cells by rank
 * @property {Int32Array} cellOf  by vertex
 * @property {Int32Array} slot    by vertex: how far to the right in its cell
 * @property {Int32Array} breadth  by rank: slots in its cells
 */

/** No column is folded that has fewer rows than this. */
const ROWS_AT_LEAST = 36;
export const SLOT_GAP = 44;

/** Folds only as much as makes the picture about as high as it is wide.
 * @param {Layers} layers @param {Int32Array[]} rows @param {Spacing} spacing @returns {Int32Array} slots by rank */
export function breadths(layers, rows, spacing) {
  const nodes = rows.map((row) => row.reduce((sum, v) => sum + (v < layers.real ? 1 : 0), 0));
  const tallest = Math.max(...nodes);
  let most = tallest;
  const slots = () => nodes.map((count) => Math.max(Math.ceil(count / most), 1));
  const width = () => slots().reduce((sum, count) => sum + count * (spacing.nodeWidth + SLOT_GAP) + spacing.gapX, 0);
  while (most > ROWS_AT_LEAST && most * (spacing.nodeHeight + spacing.gapY) > width()) {
    most = Math.max(Math.floor(most * 0.85), ROWS_AT_LEAST);
  }
  return Int32Array.from(slots());
}

/** @param {Layers} layers @param {Int32Array[]} rows in their final order @param {Int32Array} breadth @returns {Cells} */
export function folded(layers, rows, breadth) {
  const cellOf = new Int32Array(layers.count).fill(-1);
  const slot = new Int32Array(layers.count);
  const realRows = rows.map((row, r) => foldRow(row, breadth[r], layers.real));
  let cells = 0;
  for (const row of realRows) {
    for (const cell of row) {
      if (cell[0] >= layers.real) continue;
      cell.forEach((v, i) => { cellOf[v] = cells; slot[v] = i; });
      cells += 1;
    }
  }
  const real = cells;
  for (let v = layers.real; v < layers.count; v += 1) cellOf[v] = cells++;
  const rank = new Int32Array(cells);
  for (let v = 0; v < layers.count; v += 1) rank[cellOf[v]] = layers.rank[v];
  const linkFrom = layers.linkFrom.map((v) => cellOf[v]);
  const linkTo = layers.linkTo.map((v) => cellOf[v]);
  return {
    layers: { ...layers, real, count: cells, rank, linkFrom, linkTo },
    rows: realRows.map((row) => Int32Array.from(row, (cell) => cellOf[cell[0]])), cellOf, slot, breadth,
  };
}

/** @param {Int32Array} row @param {number} breadth @param {number} real @returns {number[][]} */
function foldRow(row, breadth, real) {
  /** @type {number[][]} */
  const cells = [];
  /** @type {number[] | null} */
  let open = null;
  for (const v of row) {
    if (v >= real) {
      cells.push([v]);
    } else if (open && open.length < breadth) {
      open.push(v);
    } else {
      open = [v];
      cells.push(open);
    }
  }
  return cells;
}
