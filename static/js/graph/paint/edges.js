/**
 * The canvas with all edges. They do not change with the steps' states, so that a status costs them nothing.
 */

import { Bitmap } from "./bitmap.js";
import { edgeBoxes, traceEdge, traceEdgeStraight } from "./edge_path.js";

/**
 * @typedef {import("../camera.js").Camera} Camera
 * @typedef {import("../camera.js").Size} Size
 * @typedef {import("../camera.js").Box} Box
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 * @typedef {import("./palette.js").Palette} Palette
 */

/** One path of thousands of curves is slower than several: rasterisers sort all of its outline at once. */
const FLUSH = 500;
const STRAIGHT_BELOW = 0.12;
const ARROWS_FROM = 0.3;
const DENSE = 1200;

export class EdgePainter {
  constructor() {
    this.bitmap = new Bitmap("graph-edges");
    /** @type {Float32Array} */
    this.boxes = new Float32Array(0);
  }

  /** @param {Model} model @param {Layout} layout */
  setLayout(model, layout) {
    this.boxes = edgeBoxes(model, layout);
    this.bitmap.forget();
  }

  /** @param {Model} model @param {Layout} layout @param {Palette} palette @param {Camera} camera @param {Size} view */
  paint(model, layout, palette, camera, view) {
    const { context } = this.bitmap;
    const area = this.bitmap.begin(camera, view);
    const far = camera.scale < STRAIGHT_BELOW;
    const trace = far ? traceEdgeStraight : traceEdge;
    context.strokeStyle = palette.edge;
    const drawn = this.#edgesIn(area);
    // Many edges are a texture, a few are lines.
    context.globalAlpha = drawn.length > DENSE ? 0.5 : far ? 0.7 : 1;
    context.lineWidth = Math.min(Math.max(1.7 * camera.scale, far ? 0.75 : 0.9), 2) / camera.scale;
    for (let i = 0; i < drawn.length; i += FLUSH) {
      context.beginPath();
      for (const edge of drawn.slice(i, i + FLUSH)) trace(context, model, layout, edge);
      context.stroke();
    }
    if (camera.scale >= ARROWS_FROM) this.#paintArrows(model, layout, palette, drawn);
    context.globalAlpha = 1;
  }

  /** @param {Box} area @returns {number[]} */
  #edgesIn(area) {
    const { boxes } = this;
    const found = [];
    for (let edge = 0; edge * 4 < boxes.length; edge += 1) {
      const i = edge * 4;
      if (boxes[i] > area.right || boxes[i + 2] < area.left || boxes[i + 1] > area.bottom || boxes[i + 3] < area.top) continue;
      found.push(edge);
    }
    return found;
  }

  /** @param {Model} model @param {Layout} layout @param {Palette} palette @param {number[]} edges */
  #paintArrows(model, layout, palette, edges) {
    const { context } = this.bitmap;
    const tips = new Set(edges.map((edge) => model.childOfEdge[edge]));
    context.fillStyle = palette.edge;
    context.beginPath();
    for (const child of tips) {
      const x = layout.x[child];
      const y = layout.y[child] + layout.nodeHeight / 2;
      context.moveTo(x, y);
      context.lineTo(x - 8, y - 4.5);
      context.lineTo(x - 8, y + 4.5);
      context.closePath();
    }
    context.fill();
  }
}
