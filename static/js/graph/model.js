/**
 * The graph as a value: nodes, and edges as two compressed lists (parents of a node, children of a node).
 * An edge's number is its place in `parents`; everything that draws, walks or lays out works on these arrays by index.
 */

/**
 * @typedef {{index: number, name: string, kind?: string, template?: string | null, version?: number | null,
 *   parents: number[], group?: string | null, comment?: string, of?: number | null, item?: number | null}} GraphNode
 * @typedef {{revision: number, nodes: GraphNode[], layout?: Record<string, [number, number]> | null}} GraphData
 * @typedef {object} Model
 * @property {number} revision
 * @property {number} size           how many nodes
 * @property {GraphNode[]} nodes     by index
 * @property {Int32Array} parentStart  size + 1; the parents of i are parents[parentStart[i] .. parentStart[i + 1])
 * @property {Int32Array} parents
 * @property {Int32Array} childOfEdge  the child at the end of each edge
 * @property {Int32Array} childStart
 * @property {Int32Array} children
 * @property {Int32Array} edgeOfChild  the edge that leads to each entry of `children`
 * @property {Record<string, [number, number]> | null} places  positions that came with the graph
 */

/** @param {GraphData} graph @returns {Model} */
export function buildModel(graph) {
  const nodes = [...graph.nodes].sort((a, b) => a.index - b.index);
  const size = nodes.length;
  const parentStart = new Int32Array(size + 1);
  nodes.forEach((node, i) => {
    if (node.index !== i) throw new RangeError(`expected a step with index ${i}, found ${node.index}`);
    parentStart[i + 1] = parentStart[i] + node.parents.length;
  });
  const edges = parentStart[size];
  const parents = new Int32Array(edges);
  const childOfEdge = new Int32Array(edges);
  for (const node of nodes) {
    node.parents.forEach((parent, place) => {
      if (!(parent >= 0 && parent < size)) throw new RangeError(`step "${node.name}" has unknown parent ${parent}`);
      parents[parentStart[node.index] + place] = parent;
      childOfEdge[parentStart[node.index] + place] = node.index;
    });
  }
  return {
    revision: graph.revision, size, nodes, parentStart, parents, childOfEdge,
    ...childLists(size, parents, childOfEdge), places: graph.layout ?? null,
  };
}

/** @param {number} size @param {Int32Array} parents @param {Int32Array} childOfEdge */
function childLists(size, parents, childOfEdge) {
  const childStart = new Int32Array(size + 1);
  for (const parent of parents) childStart[parent + 1] += 1;
  for (let i = 0; i < size; i += 1) childStart[i + 1] += childStart[i];
  const next = childStart.slice(0, size);
  const children = new Int32Array(parents.length);
  const edgeOfChild = new Int32Array(parents.length);
  for (let edge = 0; edge < parents.length; edge += 1) {
    const place = next[parents[edge]]++;
    children[place] = childOfEdge[edge];
    edgeOfChild[place] = edge;
  }
  return { childStart, children, edgeOfChild };
}

/** @param {Model} model @param {number} index @returns {Int32Array} */
export const parentsOf = (model, index) =>
  model.parents.subarray(model.parentStart[index], model.parentStart[index + 1]);

/** @param {Model} model @param {number} index @returns {Int32Array} */
export const childrenOf = (model, index) =>
  model.children.subarray(model.childStart[index], model.childStart[index + 1]);

/** The numbers of all edges that touch a node. @param {Model} model @param {number} index @returns {number[]} */
export function edgesAt(model, index) {
  const edges = [];
  for (let edge = model.parentStart[index]; edge < model.parentStart[index + 1]; edge += 1) edges.push(edge);
  for (let i = model.childStart[index]; i < model.childStart[index + 1]; i += 1) edges.push(model.edgeOfChild[i]);
  return edges;
}

/** A short name for the graph's structure: equal structures have equal fingerprints. @param {Model} model */
export function fingerprint(model) {
  let hash = 2166136261;
  for (const list of [model.parentStart, model.parents]) {
    for (const value of list) hash = Math.imul(hash ^ value, 16777619);
  }
  return `${model.revision}:${model.size}:${model.parents.length}:${hash >>> 0}`;
}
