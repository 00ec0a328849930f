/** One pipeline's page: puts the graph into its element. */
import "../graph/element.js";

/** @typedef {import("../graph/element.js").PipelineGraph} PipelineGraph */

for (const found of document.querySelectorAll("pipeline-graph[data-graph]")) {
  const graph = /** @type {PipelineGraph} */ (found);
  const data = document.getElementById(graph.dataset.graph ?? "");
  if (data) graph.setGraph(JSON.parse(data.textContent ?? "{}"));
}
