/**
 * The edges of a picture that is edited: where a value travels they are solid and carry a dot, mere order is dashed.
 */

import { EdgePainter } from "../paint/edges.js";
import { middleOf } from "./edge_hit.js";
import { REFERENCE } from "./picture.js";

/**
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 * @typedef {import("../camera.js").Camera} Camera
 * @typedef {import("../camera.js").Size} Size
 * @typedef {import("../paint/palette.js").Palette} Palette
 */

const DASH = [7, 5];
const KINDS_FROM = 0.3;
const DOT = 3.5;

export class EditedEdges extends EdgePainter {
  constructor() {
    super();
    /** @type {Uint8Array} */
    this.kinds = new Uint8Array(0);
    /** @type {ReadonlySet<number>} edges that are drawn elsewhere, or not at all */
    this.hidden = new Set();
  }

  /** @param {Iterable<number>} edges */
  hide(edges) {
    this.hidden = new Set(edges);
    this.bitmap.forget();
  }

  /** Some edges, wherever they are. @param {Model} model @param {Layout} layout @param {Palette} palette @param {Camera} camera
   * @param {Size} view @param {number[]} edges */
  paintOnly(model, layout, palette, camera, view, edges) {
    this.bitmap.begin(camera, view);
    this.paintLines(model, layout, palette, camera, edges, 1);
  }

  /** @override @param {Model} model @param {Layout} layout @param {Palette} palette @param {Camera} camera
   * @param {number[]} drawn @param {number} strength */
  paintLines(model, layout, palette, camera, drawn, strength) {
    const shown = this.hidden.size ? drawn.filter((edge) => !this.hidden.has(edge)) : drawn;
    if (camera.scale < KINDS_FROM) {
      super.paintLines(model, layout, palette, camera, shown, strength);
      return;
    }
    const { context } = this.bitmap;
    context.setLineDash(DASH);
    super.paintLines(model, layout, palette, camera, shown.filter((edge) => this.kinds[edge] !== REFERENCE), strength);
    context.setLineDash([]);
    const references = shown.filter((edge) => this.kinds[edge] === REFERENCE);
    super.paintLines(model, layout, palette, camera, references, strength);
    this.#paintDots(model, layout, palette, references, strength);
  }

  /** @param {Model} model @param {Layout} layout @param {Palette} palette @param {number[]} edges @param {number} strength */
  #paintDots(model, layout, palette, edges, strength) {
    const { context } = this.bitmap;
    context.fillStyle = palette.edge;
    context.globalAlpha = strength;
    context.beginPath();
    for (const edge of edges) {
      const [x, y] = middleOf(model, layout, edge);
      context.moveTo(x + DOT, y);
      context.arc(x, y, DOT, 0, 2 * Math.PI);
    }
    context.fill();
    context.globalAlpha = 1;
  }
}
