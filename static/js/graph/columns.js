/** A graph as the server sends it to pages, by columns, made into the nodes that the chart and the table know. Pure. */

/**
 * @typedef {import("./model.js").GraphData} GraphData
 * @typedef {{revision: number, names: string[], parents: number[][], kinds: [string, string | null, number | null][],
 *   uses: number[], groups: Record<number, string>, comments: Record<number, string>, layout: GraphData["layout"]}} Columns
 */

/** @param {Columns} columns @returns {GraphData} */
export function graphOf({ revision, names, parents, kinds, uses, groups, comments, layout }) {
  const nodes = names.map((name, index) => {
    const [kind, template, version] = kinds[uses[index]];
    return {
      index, name, kind, template, version, parents: parents[index],
      group: groups[index] ?? null, comment: comments[index] ?? "",
    };
  });
  return { revision, nodes, layout };
}
