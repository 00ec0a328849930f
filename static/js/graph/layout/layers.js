/**
 * Second step of the layout: a proper layered graph, in which every link joins neighbouring columns.
 * A long edge gets a dummy in each column that it crosses. Long edges with a common end share one trunk of dummies:
 * a step that feeds a hundred later ones draws one line that fans out at its end, and costs one dummy a column.
 */

/**
 * @typedef {import("../model.js").Model} Model
 * @typedef {object} Layers
 * @property {number} real         vertices below this number are nodes (`members[v]`), the others dummies
 * @property {number} count        all vertices
 * @property {number[]} members
 * @property {Int32Array} rank     by vertex, from 0
 * @property {number} ranks
 * @property {Int32Array} linkFrom
 * @property {Int32Array} linkTo
 * @property {Map<number, number[]>} routes   edge number: the dummies on its way
 */

/** @param {Model} model @param {number[]} members one component @param {Int32Array} nodeRank @returns {Layers} */
export function buildLayers(model, members, nodeRank) {
  const vertexOf = new Map(members.map((node, v) => [node, v]));
  const lowest = members.reduce((low, node) => Math.min(low, nodeRank[node]), Infinity);
  const rank = members.map((node) => nodeRank[node] - lowest);
  const trunks = new Trunks(rank, members.length);
  /** @type {Map<number, number[]>} */
  const routes = new Map();
  const long = longEdges(model, members, nodeRank);
  for (const child of members) {
    for (let edge = model.parentStart[child]; edge < model.parentStart[child + 1]; edge += 1) {
      const from = /** @type {number} */ (vertexOf.get(model.parents[edge]));
      const to = /** @type {number} */ (vertexOf.get(child));
      const atParent = long.out[model.parents[edge]] >= long.into[child];
      const route = atParent ? trunks.outOf(from, to) : trunks.into(from, to);
      if (route.length) routes.set(edge, route);
      trunks.join([from, ...route, to]);
    }
  }
  const allRanks = Int32Array.from(trunks.rank);
  return {
    real: members.length, count: allRanks.length, members, rank: allRanks,
    ranks: allRanks.reduce((high, r) => Math.max(high, r), 0) + 1,
    linkFrom: Int32Array.from(trunks.linkFrom), linkTo: Int32Array.from(trunks.linkTo), routes,
  };
}

/** How many long edges leave and reach each node. @param {Model} model @param {number[]} members @param {Int32Array} rank */
function longEdges(model, members, rank) {
  const out = new Int32Array(model.size);
  const into = new Int32Array(model.size);
  for (const child of members) {
    for (let edge = model.parentStart[child]; edge < model.parentStart[child + 1]; edge += 1) {
      const parent = model.parents[edge];
      if (rank[child] - rank[parent] < 2) continue;
      out[parent] += 1;
      into[child] += 1;
    }
  }
  return { out, into };
}

/** Makes dummies when first needed, and each link once. */
class Trunks {
  /** @param {number[]} rank of the real vertices @param {number} real */
  constructor(rank, real) {
    this.rank = rank;
    this.real = real;
    /** @type {Map<number, number[]>} */
    this.outgoing = new Map();
    /** @type {Map<number, number[]>} */
    this.incoming = new Map();
    /** @type {number[]} */
    this.linkFrom = [];
    /** @type {number[]} */
    this.linkTo = [];
    /** @type {Set<number>} */
    this.joined = new Set();
  }

  /** @param {number} from @param {number} to @returns {number[]} */
  outOf(from, to) {
    return this.#trunk(this.outgoing, from, this.rank[to] - this.rank[from] - 1, 1);
  }

  /** @param {number} from @param {number} to @returns {number[]} */
  into(from, to) {
    return this.#trunk(this.incoming, to, this.rank[to] - this.rank[from] - 1, -1).reverse();
  }

  /** @param {Map<number, number[]>} trunks @param {number} vertex @param {number} length @param {1 | -1} step */
  #trunk(trunks, vertex, length, step) {
    const trunk = trunks.get(vertex) ?? [];
    trunks.set(vertex, trunk);
    while (trunk.length < length) {
      trunk.push(this.rank.length);
      this.rank.push(this.rank[vertex] + step * trunk.length);
    }
    return trunk.slice(0, Math.max(length, 0));
  }

  /** @param {number[]} way */
  join(way) {
    for (let i = 1; i < way.length; i += 1) {
      const key = way[i - 1] * 0x4000000 + way[i];
      if (this.joined.has(key)) continue;
      this.joined.add(key);
      this.linkFrom.push(way[i - 1]);
      this.linkTo.push(way[i]);
    }
  }
}
