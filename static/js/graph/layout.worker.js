/**
 * The layout in a worker, so that a big graph does not freeze the page. One request at a time, answered by number.
 */

import { layoutGraph } from "./layout.js";

addEventListener("message", (event) => {
  const { number, model, previous } = event.data;
  try {
    postMessage({ number, layout: layoutGraph(model, previous) });
  } catch (error) {
    postMessage({ number, error: error instanceof Error ? error.message : String(error) });
  }
});
