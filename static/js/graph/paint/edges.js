/**
 * The canvas with all edges. They do not change with the steps' states, so that a status costs them nothing.
 */

import { Bitmap } from "./bitmap.js";
import { Grid } from "../grid.js";
import { bandsOf, edgeBoxes, lineWidthAt, STRAIGHT_BELOW, traceEdge, traceEdgeStraight } from "./edge_path.js";

/**
 * @typedef {import("../camera.js").Camera} Camera
 * @typedef {import("../camera.js").Size} Size
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 * @typedef {import("./palette.js").Palette} Palette
 */

/** One path of thousands of curves is slower than several: rasterisers sort all of its outline at once. */
const FLUSH = 500;
const ARROWS_FROM = 0.3;
const DENSE = 1200;
/** What is not looked for stays there as a hint. */
const FADED = 0.16;
/** From afar more lines than this are a grey mass; those that fall on the same pixels are drawn once. */
const MOST_LINES = 3000;
const BAND_PIXELS = 4;

export class EdgePainter {
  constructor() {
    this.bitmap = new Bitmap("graph-edges");
    this.grid = new Grid(new Float32Array(0));
  }

  /** @param {Model} model @param {Layout} layout */
  setLayout(model, layout) {
    this.grid = new Grid(edgeBoxes(model, layout));
    this.bitmap.forget();
  }

  /** @param {Model} model @param {Layout} layout @param {Palette} palette @param {Camera} camera @param {Size} view
   * @param {Uint8Array | null} lit */
  paint(model, layout, palette, camera, view, lit) {
    const area = this.bitmap.begin(camera, view);
    const drawn = this.grid.find(area);
    if (!lit) {
      this.paintLines(model, layout, palette, camera, drawn, 1);
      return;
    }
    /** @param {number} edge */
    const isLit = (edge) => lit[model.parents[edge]] === 1 && lit[model.childOfEdge[edge]] === 1;
    this.paintLines(model, layout, palette, camera, drawn.filter((edge) => !isLit(edge)), FADED);
    this.paintLines(model, layout, palette, camera, drawn.filter(isLit), 1);
  }

  /** @param {Model} model @param {Layout} layout @param {Palette} palette @param {Camera} camera @param {number[]} drawn
   * @param {number} strength */
  paintLines(model, layout, palette, camera, drawn, strength) {
    const { context } = this.bitmap;
    const far = camera.scale < STRAIGHT_BELOW;
    context.strokeStyle = palette.edge;
    // Many edges are a texture, a few are lines.
    context.globalAlpha = strength * (drawn.length > DENSE ? 0.5 : far ? 0.7 : 1);
    context.lineWidth = lineWidthAt(camera.scale);
    if (far && drawn.length > MOST_LINES) {
      this.#paintBands(bandsOf(model, layout, drawn, BAND_PIXELS / camera.scale, MOST_LINES));
    } else {
      const trace = far ? traceEdgeStraight : traceEdge;
      for (let i = 0; i < drawn.length; i += FLUSH) {
        context.beginPath();
        for (const edge of drawn.slice(i, i + FLUSH)) trace(context, model, layout, edge);
        context.stroke();
      }
    }
    if (camera.scale >= ARROWS_FROM) this.#paintArrows(model, layout, palette, drawn);
    context.globalAlpha = 1;
  }

  /** @param {Float32Array} bands four numbers each */
  #paintBands(bands) {
    const { context } = this.bitmap;
    for (let i = 0; i < bands.length; i += 4 * FLUSH) {
      context.beginPath();
      for (let j = i; j < Math.min(i + 4 * FLUSH, bands.length); j += 4) {
        context.moveTo(bands[j], bands[j + 1]);
        context.lineTo(bands[j + 2], bands[j + 3]);
      }
      context.stroke();
    }
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
