/** One pipeline's page: puts the graph into its element. Nothing of it runs, so its steps are shown as drafts. */

import { graphOf } from "../graph/columns.js";
import "../graph/element.js";
import { dataOf } from "./data.js";

for (const found of document.querySelectorAll("pipeline-graph[data-graph]")) {
  const graph = /** @type {import("../graph/element.js").PipelineGraph} */ (found);
  await graph.setGraph(graphOf(await dataOf(graph.dataset.graph ?? "")));
}
