/** Automatic layout of everything, or of some steps where they are. */

import { layoutInWorker, layoutNow } from "../layout_client.js";
import { buildModel, parentsOf } from "../model.js";
import { snapped } from "./snapping.js";

/**
 * @typedef {import("../model.js").Model} Model
 * @typedef {[number, number]} Point
 */

/**
 * Places for these steps, all on the grid; their upper left corner stays where it is, and so does their order.
 * @param {Model} model of all steps @param {Float32Array} x @param {Float32Array} y @param {number[]} steps
 * @returns {Promise<[number, Point][]>}
 */
export async function arranged(model, x, y, steps) {
  if (steps.length === 0) return [];
  const part = partOf(model, steps);
  const heights = Float32Array.from(steps, (step) => y[step]);
  const layout = layoutNow(part, heights) ?? await layoutInWorker(part, heights);
  const left = snapped(Math.min(...steps.map((step) => x[step])));
  const top = snapped(Math.min(...steps.map((step) => y[step])));
  const [firstX, firstY] = [layout.x.reduce((low, at) => Math.min(low, at), Infinity), layout.y.reduce((low, at) => Math.min(low, at), Infinity)];
  return steps.map((step, i) => [step, [left + snapped(layout.x[i] - firstX), top + snapped(layout.y[i] - firstY)]]);
}

/** The steps with the edges between them. @param {Model} model @param {number[]} steps @returns {Model} */
export function partOf(model, steps) {
  const places = new Map(steps.map((step, i) => [step, i]));
  return buildModel({
    revision: 0,
    nodes: steps.map((step, index) => ({
      ...model.nodes[step], index,
      parents: [...parentsOf(model, step)].flatMap((parent) => places.get(parent) ?? []),
    })),
  });
}
