/**
 * Shows a graph made from the query string: ?shape=sample|layers|fan&size=60&theme=dark&seed=1&folds
 * or one handed over by a script through `window.show(graph, snapshot)`.
 */

import "../../../static/js/graph/element.js";
import { STATUSES } from "../../../static/js/graph/statuses.js";
import { fanGraph, layeredGraph, sampleGraph, snapshotOf } from "./graphs.js";

const query = new URLSearchParams(location.search);
const theme = query.get("theme");
if (theme) document.documentElement.dataset.theme = theme;

const graph = /** @type {import("../../../static/js/graph/element.js").PipelineGraph} */ (document.querySelector("pipeline-graph"));

if (query.has("folds")) graph.toggleAttribute("folds", true);

/** @param {import("../../../static/js/graph/model.js").GraphData} data @param {import("../../../static/js/graph/states.js").Snapshot} snapshot */
async function show(data, snapshot) {
  graph.setStates(snapshot);
  await graph.setGraph(data);
}

/** So many random status changes a second, each applied as it comes. @param {number} rate @param {number} size */
function stir(rate, size) {
  let due = performance.now();
  return setInterval(() => {
    for (; due < performance.now(); due += 1000 / rate) {
      const index = Math.floor(Math.random() * size);
      const status = STATUSES[Math.floor(Math.random() * STATUSES.length)];
      graph.applyStates([[index, { status, started_at: new Date().toISOString(), ended_at: null }]]);
    }
  }, 4);
}

Object.assign(window, { graph, show, stir });

if (["layers", "fan"].includes(query.get("shape") ?? "")) {
  const size = Number(query.get("size") ?? 60);
  const data = query.get("shape") === "fan" ? fanGraph(size) : layeredGraph(size, Number(query.get("seed") ?? 1));
  await show(data, snapshotOf(data.nodes.length));
} else if (query.get("shape") !== "none") {
  await show(...sampleGraph());
}
