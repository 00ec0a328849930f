/** A graph as the server sends it to pages, by columns, made into the nodes that the chart and the table know. Pure. */

/**
 * @typedef {import("./model.js").GraphData} GraphData
 * @typedef {{revision: number, names: string[], parents: number[][], items?: [number, number, number, number, number][], kinds: [string, string | null, number | null][],
 *   uses: number[], groups: Record<number, string>, comments: Record<number, string>, layout: GraphData["layout"]}} Columns
 */

/** @param {Columns} columns @returns {GraphData} */
export function graphOf({ revision, names, parents, kinds, uses, groups, comments, layout, items = [] }) {
  const nodes = names.map((name, index) => {
    const [kind, template, version] = kinds[uses[index]];
    return {
      index, name, kind, template, version, parents: parents[index],
      group: groups[index] ?? null, comment: comments[index] ?? "",
    };
  });
  for (const [of, first, count, step, item] of items) {
    for (let i = 0; i < count; i += 1) Object.assign(nodes[first + i * step], { of, item: item + i });
  }
  return { revision, nodes, layout };
}
