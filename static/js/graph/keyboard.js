/**
 * What each key does in the graph. Letters with Ctrl, Alt or Meta belong to the browser and the page.
 */

import { isWalkKey, walk } from "./walk.js";

/** @typedef {import("./element.js").PipelineGraph} PipelineGraph */

/** @param {PipelineGraph} graph @returns {Record<string, () => void>} */
const zoomKeys = (graph) => ({
  "+": () => graph.zoomIn(),
  "=": () => graph.zoomIn(),
  "-": () => graph.zoomOut(),
  "0": () => graph.fit(),
  "1": () => graph.zoomTo(1),
  m: () => graph.minimap?.toggle(),
});

/** @param {PipelineGraph} graph @param {KeyboardEvent} event @returns {boolean} whether the key was ours */
export function pressKey(graph, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const zoom = zoomKeys(graph)[event.key];
  if (zoom) {
    zoom();
    return true;
  }
  if (event.key === "Escape") return graph.escape();
  const inControls = event.target instanceof Element && event.target.closest(".graph-controls, .graph-map");
  return !inControls && pressStepKey(graph, event.key);
}

/** @param {PipelineGraph} graph @param {string} key */
function pressStepKey(graph, key) {
  const { model, layout, current } = graph.scene;
  if (!model || !layout || current < 0) return false;
  if (isWalkKey(key)) graph.focusNode(walk(model, layout, current, key));
  else if (key === "Enter") graph.open(current);
  else if (key === " ") graph.choose(current);
  else if (key === "c") void graph.toggleBundle(current);
  else return false;
  return true;
}
