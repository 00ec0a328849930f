/**
 * Fan-outs in the picture: their items stand between them and what follows. In the run's graph items have no edges but
 * those within their own chain, because the engine counts only the fan-out. Pure.
 */

/** @typedef {import("./model.js").GraphNode} GraphNode @typedef {import("./model.js").GraphData} GraphData */

/** @param {GraphNode} node */
export const isItem = ({ of }) => of !== undefined && of !== null;

/** The graph with the edges that its items are drawn with. @param {GraphData} graph @returns {GraphData} */
export function withItems(graph) {
  if (!graph.nodes.some(isItem)) return graph;
  /** @type {Map<number, number[]>} */
  const itemsOf = new Map();
  for (const node of graph.nodes) {
    if (!isItem(node)) continue;
    const items = itemsOf.get(Number(node.of));
    if (items) items.push(node.index);
    else itemsOf.set(Number(node.of), [node.index]);
  }
  return { ...graph, nodes: graph.nodes.map((node) => ({ ...node, parents: drawnParents(node, itemsOf) })) };
}

/** @param {GraphNode} node @param {Map<number, number[]>} itemsOf @returns {number[]} */
function drawnParents(node, itemsOf) {
  if (isItem(node)) return node.parents.length > 0 ? node.parents : [Number(node.of)];
  // The steps of a chain stay side by side; each item has its own way through them.
  if (itemsOf.has(node.index)) return node.parents;
  return node.parents.flatMap((parent) => itemsOf.get(parent) ?? [parent]);
}
