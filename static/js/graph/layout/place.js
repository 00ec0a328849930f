/**
 * Fourth step of the layout: heights. Each vertex wants the median height of its neighbours; isotonic regression
 * gives the nearest heights that keep the order and the distances.
 */

/**
 * @typedef {import("./layers.js").Layers} Layers
 * @typedef {import("./order.js").Links} Links
 * @typedef {{nodeHeight: number, gapY: number, lineGap: number}} Spacing
 */

const SWEEPS = 12;
/** Dummies pull harder, so that long edges run straight and nodes give way. */
const DUMMY_WEIGHT = 4;

/** @param {Layers} layers @param {Int32Array[]} rows @param {Links} links @param {Spacing} spacing
 * @returns {Float64Array} the centre of each vertex */
export function placeRows(layers, rows, links, spacing) {
  const y = new Float64Array(layers.count);
  const offsets = rows.map((row) => offsetsIn(row, layers.real, spacing));
  rows.forEach((row, r) => {
    const middle = offsets[r][row.length - 1] / 2;
    row.forEach((v, i) => { y[v] = offsets[r][i] - middle; });
  });
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const both = sweep >= SWEEPS - 2;
    const downwards = sweep % 2 === 0;
    for (let step = 0; step < rows.length; step += 1) {
      const r = downwards ? step : rows.length - 1 - step;
      alignRow(rows[r], offsets[r], y, layers.real, (v) => wish(v, y, links, both || downwards, both || !downwards));
    }
  }
  return y;
}

/** The least distance of each vertex from the first. @param {Int32Array} row @param {number} real @param {Spacing} spacing */
function offsetsIn(row, real, { nodeHeight, gapY, lineGap }) {
  const offsets = new Float64Array(row.length);
  for (let i = 1; i < row.length; i += 1) {
    const nodes = (row[i - 1] < real ? 1 : 0) + (row[i] < real ? 1 : 0);
    const apart = nodes === 2 ? nodeHeight + gapY : nodes === 1 ? nodeHeight / 2 + lineGap : lineGap;
    offsets[i] = offsets[i - 1] + apart;
  }
  return offsets;
}

/** @param {number} v @param {Float64Array} y @param {Links} links @param {boolean} up @param {boolean} down
 * @returns {number} NaN when it has no neighbours there */
function wish(v, y, links, up, down) {
  /** @type {number[]} */
  const near = [];
  if (up) for (let i = links.upStart[v]; i < links.upStart[v + 1]; i += 1) near.push(y[links.up[i]]);
  if (down) for (let i = links.downStart[v]; i < links.downStart[v + 1]; i += 1) near.push(y[links.down[i]]);
  if (near.length === 0) return NaN;
  near.sort((a, b) => a - b);
  const middle = near.length >> 1;
  return near.length % 2 ? near[middle] : (near[middle - 1] + near[middle]) / 2;
}

/**
 * Pool adjacent violators: runs of vertices that would overlap are pooled at the weighted mean of their wishes.
 * @param {Int32Array} row @param {Float64Array} offset @param {Float64Array} y @param {number} real
 * @param {(v: number) => number} wishOf
 */
function alignRow(row, offset, y, real, wishOf) {
  const length = row.length;
  const mean = new Float64Array(length);
  const weight = new Float64Array(length);
  const first = new Int32Array(length);
  let pools = 0;
  for (let i = 0; i < length; i += 1) {
    const v = row[i];
    const wanted = wishOf(v);
    const free = Number.isNaN(wanted);
    mean[pools] = (free ? y[v] : wanted) - offset[i];
    weight[pools] = free ? 0.05 : v >= real ? DUMMY_WEIGHT : 1;
    first[pools] = i;
    pools += 1;
    while (pools > 1 && mean[pools - 2] > mean[pools - 1]) {
      const sum = weight[pools - 2] + weight[pools - 1];
      mean[pools - 2] = (mean[pools - 2] * weight[pools - 2] + mean[pools - 1] * weight[pools - 1]) / sum;
      weight[pools - 2] = sum;
      pools -= 1;
    }
  }
  for (let pool = 0; pool < pools; pool += 1) {
    const end = pool + 1 < pools ? first[pool + 1] : length;
    for (let i = first[pool]; i < end; i += 1) y[row[i]] = mean[pool] + offset[i];
  }
}
