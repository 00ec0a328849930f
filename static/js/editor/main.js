/** The editor's page: puts the draft's steps on the canvas. */
import "../graph/element.js";

/** @typedef {import("../graph/element.js").PipelineGraph} PipelineGraph */
/** @typedef {{name?: unknown, template?: string, parents?: unknown}} Step */

/** The graph of what a draft holds so far, whatever is wrong with it. @param {Step[]} steps */
function drawn(steps) {
  const places = new Map(steps.map(({ name }, place) => [name, place]));
  return {
    revision: 0,
    nodes: steps.map((step, index) => ({
      index,
      name: String(step.name ?? ""),
      template: step.template ?? null,
      parents: (Array.isArray(step.parents) ? step.parents : [])
        .map((name) => places.get(name) ?? index)
        .filter((place) => place !== index),
    })),
  };
}

const data = JSON.parse(document.getElementById("editor-data")?.textContent ?? "{}");
const graph = /** @type {PipelineGraph | null} */ (document.getElementById("editor-graph"));
const { steps } = data.draft.document;
void graph?.setGraph(drawn(Array.isArray(steps) ? steps.filter((step) => step instanceof Object) : []));
