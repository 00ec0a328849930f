/**
 * First step of the layout: which column each node stands in, and which nodes belong together.
 */

/** @typedef {import("../model.js").Model} Model */

/** Parents before children, by index among equals. @param {Model} model @returns {Int32Array} */
export function topologicalOrder(model) {
  const { size, parentStart, childStart, children } = model;
  const open = new Int32Array(size);
  const order = new Int32Array(size);
  let filled = 0;
  for (let i = 0; i < size; i += 1) {
    open[i] = parentStart[i + 1] - parentStart[i];
    if (open[i] === 0) order[filled++] = i;
  }
  for (let done = 0; done < filled; done += 1) {
    const node = order[done];
    for (let i = childStart[node]; i < childStart[node + 1]; i += 1) {
      if (--open[children[i]] === 0) order[filled++] = children[i];
    }
  }
  if (filled < size) {
    const stuck = open.findIndex((count) => count > 0);
    throw new Error(`step "${model.nodes[stuck].name}" is its own ancestor`);
  }
  return order;
}

/**
 * Ranks by longest path; then a node without parents moves next to its nearest child, so that no edge is longer
 * than it must be. @param {Model} model @returns {Int32Array}
 */
export function ranksOf(model) {
  const { size, parentStart, parents, childStart, children } = model;
  const rank = new Int32Array(size);
  for (const node of topologicalOrder(model)) {
    for (let i = parentStart[node]; i < parentStart[node + 1]; i += 1) {
      rank[node] = Math.max(rank[node], rank[parents[i]] + 1);
    }
  }
  for (let node = 0; node < size; node += 1) {
    if (parentStart[node] !== parentStart[node + 1] || childStart[node] === childStart[node + 1]) continue;
    let nearest = Infinity;
    for (let i = childStart[node]; i < childStart[node + 1]; i += 1) nearest = Math.min(nearest, rank[children[i]]);
    rank[node] = nearest - 1;
  }
  return rank;
}

/** Nodes that hang together, each list ascending; lists by their first node, loose nodes last.
 * @param {Model} model @returns {number[][]} */
export function components(model) {
  const { size, parentStart, parents, childStart, children } = model;
  const seen = new Uint8Array(size);
  const found = [];
  for (let first = 0; first < size; first += 1) {
    if (seen[first]) continue;
    seen[first] = 1;
    const members = [first];
    for (let i = 0; i < members.length; i += 1) {
      const node = members[i];
      const meet = (/** @type {number} */ other) => {
        if (!seen[other]) members.push(other);
        seen[other] = 1;
      };
      for (let e = parentStart[node]; e < parentStart[node + 1]; e += 1) meet(parents[e]);
      for (let e = childStart[node]; e < childStart[node + 1]; e += 1) meet(children[e]);
    }
    found.push(members.sort((a, b) => a - b));
  }
  return [...found.filter((members) => members.length > 1), ...found.filter((members) => members.length === 1)];
}
