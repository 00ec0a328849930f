/**
 * Third step of the layout: the order within each column, so that few links cross.
 */

/** @typedef {import("./layers.js").Layers} Layers */

/**
 * @typedef {object} Links  both directions of the links, by vertex
 * @property {Int32Array} upStart
 * @property {Int32Array} up
 * @property {Int32Array} downStart
 * @property {Int32Array} down
 */

const SWEEPS = 8;
/** Small graphs can afford exchanging neighbours one pair at a time, which sweeps alone never find. */
const EXCHANGE_LIMIT = 4000;

/** @param {Layers} layers @returns {Links} */
export function linksOf(layers) {
  const { count, linkFrom, linkTo } = layers;
  const [upStart, up] = compressed(count, linkTo, linkFrom);
  const [downStart, down] = compressed(count, linkFrom, linkTo);
  return { upStart, up, downStart, down };
}

/** @param {number} count @param {Int32Array} keys @param {Int32Array} values @returns {[Int32Array, Int32Array]} */
function compressed(count, keys, values) {
  const start = new Int32Array(count + 1);
  for (const key of keys) start[key + 1] += 1;
  for (let i = 0; i < count; i += 1) start[i + 1] += start[i];
  const next = start.slice(0, count);
  const list = new Int32Array(keys.length);
  keys.forEach((key, i) => { list[next[key]++] = values[i]; });
  return [start, list];
}

/**
 * 1. Start from the seed (the previous picture), else from the order of the nodes.
 * 2. Sweep down and up in turn, sorting by the mean of the neighbours' places, later by their median; count the
 *    crossings after each and keep the best, because a sweep can make things worse.
 * 3. Exchange neighbours while that removes crossings.
 * A seeded order is given up only for a clearly better one: people know where they left things.
 *
 * @param {Layers} layers @param {Links} links @param {Float64Array | null} seed by vertex, NaN when unknown
 * @returns {Int32Array[]} vertices by rank
 */
export function orderLayers(layers, links, seed) {
  const rows = startingRows(layers, links, seed);
  const place = new Float64Array(layers.count);
  rows.forEach((row) => settle(row, place));
  let best = rows.map((row) => row.slice());
  let fewest = countCrossings(rows, links, place);
  const allowed = seed ? fewest * 0.8 : fewest;
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    sweepOnce(rows, links, place, sweep);
    const crossings = countCrossings(rows, links, place);
    if (crossings >= fewest || crossings > allowed) continue;
    fewest = crossings;
    best = rows.map((row) => row.slice());
  }
  best.forEach((row) => settle(row, place));
  if (fewest > 0 && !seed && layers.count <= EXCHANGE_LIMIT) exchangeNeighbours(best, links, place);
  return best;
}

/** @param {Layers} layers @param {Links} links @param {Float64Array | null} seed */
function startingRows(layers, links, seed) {
  const key = new Float64Array(layers.count);
  /** @type {number[][]} */
  const rows = Array.from({ length: layers.ranks }, () => []);
  for (let v = 0; v < layers.count; v += 1) rows[layers.rank[v]].push(v);
  for (const row of rows) {
    for (const v of row) key[v] = seed && !Number.isNaN(seed[v]) ? seed[v] : meanOf(key, links.upStart, links.up, v);
    row.sort((a, b) => key[a] - key[b] || a - b);
    // Without a seed the next column needs places on a common scale, not keys.
    if (!seed) row.forEach((v, i) => { key[v] = (i + 0.5) / row.length; });
  }
  return rows.map((row) => Int32Array.from(row));
}

/** @param {Float64Array} key @param {Int32Array} start @param {Int32Array} list @param {number} v */
function meanOf(key, start, list, v) {
  const count = start[v + 1] - start[v];
  if (!count) return 0;
  let sum = 0;
  for (let i = start[v]; i < start[v + 1]; i += 1) sum += key[list[i]];
  return sum / count;
}

/** @param {Float64Array} place @param {Int32Array} start @param {Int32Array} list @param {number} v */
function medianOf(place, start, list, v) {
  const near = Float64Array.from(list.subarray(start[v], start[v + 1]), (w) => place[w]).sort();
  const middle = near.length >> 1;
  return near.length % 2 ? near[middle] : (near[middle - 1] + near[middle]) / 2;
}

/** Places run from 0 to 1 in every column, so that columns of different height compare.
 * @param {Int32Array} row @param {Float64Array} place */
function settle(row, place) {
  for (let i = 0; i < row.length; i += 1) place[row[i]] = (i + 0.5) / row.length;
}

/** @param {Int32Array[]} rows @param {Links} links @param {Float64Array} place @param {number} sweep */
function sweepOnce(rows, links, place, sweep) {
  const downwards = sweep % 2 === 0;
  const start = downwards ? links.upStart : links.downStart;
  const list = downwards ? links.up : links.down;
  const wanted = sweep < SWEEPS / 2 ? meanOf : medianOf;
  const key = new Float64Array(place.length);
  for (let step = 1; step < rows.length; step += 1) {
    const row = rows[downwards ? step : rows.length - 1 - step];
    for (const v of row) key[v] = start[v] === start[v + 1] ? place[v] : wanted(place, start, list, v);
    row.sort((a, b) => key[a] - key[b] || place[a] - place[b]);
    settle(row, place);
  }
}

/** @param {Int32Array[]} rows @param {Links} links @param {Float64Array} place */
export function countCrossings(rows, links, place) {
  let crossings = 0;
  for (let r = 1; r < rows.length; r += 1) crossings += crossingsBetween(rows[r - 1], rows[r], links, place);
  return crossings;
}

/** Crossings between two columns, with a Fenwick tree over the places in the first.
 * @param {Int32Array} above @param {Int32Array} below @param {Links} links @param {Float64Array} place */
function crossingsBetween(above, below, links, place) {
  const tree = new Int32Array(above.length + 1);
  let crossings = 0;
  let seen = 0;
  for (const v of below) {
    const from = links.upStart[v];
    const to = links.upStart[v + 1];
    for (let i = from; i < to; i += 1) {
      let upTo = 0;
      for (let k = slot(place[links.up[i]], above.length) + 1; k > 0; k -= k & -k) upTo += tree[k];
      crossings += seen - upTo;
    }
    for (let i = from; i < to; i += 1) {
      for (let k = slot(place[links.up[i]], above.length) + 1; k <= above.length; k += k & -k) tree[k] += 1;
    }
    seen += to - from;
  }
  return crossings;
}

/** @param {number} place @param {number} length */
const slot = (place, length) => Math.floor(place * length);

/** @param {Int32Array[]} rows @param {Links} links @param {Float64Array} place */
function exchangeNeighbours(rows, links, place) {
  for (let round = 0; round < 6; round += 1) {
    let improved = false;
    for (const row of rows) {
      for (let i = 1; i < row.length; i += 1) {
        const [a, b] = [row[i - 1], row[i]];
        const gain = pairGain(a, b, links.upStart, links.up, place) + pairGain(a, b, links.downStart, links.down, place);
        if (gain <= 0) continue;
        row[i - 1] = b;
        row[i] = a;
        [place[a], place[b]] = [place[b], place[a]];
        improved = true;
      }
    }
    if (!improved) return;
  }
}

/** How many crossings fewer when b stands before a. @param {number} a @param {number} b @param {Int32Array} start
 * @param {Int32Array} list @param {Float64Array} place */
function pairGain(a, b, start, list, place) {
  let gain = 0;
  for (let i = start[a]; i < start[a + 1]; i += 1) {
    for (let j = start[b]; j < start[b + 1]; j += 1) {
      const difference = place[list[i]] - place[list[j]];
      gain += difference > 0 ? 1 : difference < 0 ? -1 : 0;
    }
  }
  return gain;
}
