/** One pipeline's page: puts the graph into its element. */
import "../graph/element.js";

/**
 * Nothing of a version runs: every step is a draft, and its second line names its template.
 * @param {{template: string | null, version: number | null}[]} nodes
 */
function unstarted(nodes) {
  const nothing = nodes.map(() => null);
  return {
    statuses: "d".repeat(nodes.length),
    stale: "0".repeat(nodes.length),
    attempts: nodes.map(() => 0),
    started: nothing,
    ended: nothing,
    reasons: Object.fromEntries(
      nodes.map(({ template, version }, place) => [place, template ? `${template}${version ? ` v${version}` : ""}` : ""]),
    ),
    progress: {},
  };
}

/** @typedef {import("../graph/element.js").PipelineGraph} PipelineGraph */

for (const found of document.querySelectorAll("pipeline-graph[data-graph]")) {
  const graph = /** @type {PipelineGraph} */ (found);
  const data = document.getElementById(graph.dataset.graph ?? "");
  if (!data) continue;
  const drawn = JSON.parse(data.textContent ?? "{}");
  graph.setGraph(drawn);
  graph.setStates(unstarted(drawn.nodes));
}
