/**
 * The edges of a picture that is edited: where a value travels they are solid and carry a dot, mere order is dashed.
 * Those of steps that are being moved are drawn anew in each frame, on a canvas of their own.
 */

import { edgesAt } from "../model.js";
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
    this.kinds = new Uint8Array(0);
    /** @type {Set<number>} edges that are not on the bitmap */
    this.moving = new Set();
    this.live = document.createElement("canvas");
    this.live.className = "graph-edges edit-live";
    this.live.setAttribute("aria-hidden", "true");
    this.live.hidden = true;
  }

  /** From now on the edges of these nodes follow them. @param {Model} model @param {Iterable<number>} nodes */
  lift(model, nodes) {
    this.moving = new Set([...nodes].flatMap((node) => edgesAt(model, node)));
    this.bitmap.forget();
  }

  /** @param {Iterable<number>} edges */
  hide(edges) {
    this.moving = new Set(edges);
    this.bitmap.forget();
  }

  /** @param {Model} model @param {Layout} layout */
  setDown(model, layout) {
    this.moving = new Set();
    this.live.hidden = true;
    this.setLayout(model, layout);
  }

  /** @override @param {Model} model @param {Layout} layout @param {Palette} palette @param {Camera} camera
   * @param {number[]} drawn @param {number} strength */
  paintLines(model, layout, palette, camera, drawn, strength) {
    const still = this.moving.size ? drawn.filter((edge) => !this.moving.has(edge)) : drawn;
    this.#paint(this.bitmap.context, model, layout, palette, camera, still, strength);
  }

  /** @param {CanvasRenderingContext2D} context @param {Model} model @param {Layout} layout @param {Palette} palette
   * @param {Camera} camera @param {number[]} drawn @param {number} strength */
  #paint(context, model, layout, palette, camera, drawn, strength) {
    if (camera.scale < KINDS_FROM) {
      super.paintLines(model, layout, palette, camera, drawn, strength, context);
      return;
    }
    context.setLineDash(DASH);
    super.paintLines(model, layout, palette, camera, drawn.filter((edge) => this.kinds[edge] !== REFERENCE), strength, context);
    context.setLineDash([]);
    const references = drawn.filter((edge) => this.kinds[edge] === REFERENCE);
    super.paintLines(model, layout, palette, camera, references, strength, context);
    context.fillStyle = palette.edge;
    context.globalAlpha = strength;
    context.beginPath();
    for (const edge of references) {
      const [x, y] = middleOf(model, layout, edge);
      context.moveTo(x + DOT, y);
      context.arc(x, y, DOT, 0, 2 * Math.PI);
    }
    context.fill();
    context.globalAlpha = 1;
  }

  /** The edges of what is being moved. @param {Model} model @param {Layout} layout @param {Palette} palette
   * @param {Camera} camera @param {Size} view */
  paintLive(model, layout, palette, camera, view) {
    const context = /** @type {CanvasRenderingContext2D} */ (this.live.getContext("2d"));
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const [width, height] = [Math.ceil(view.width * ratio), Math.ceil(view.height * ratio)];
    if (this.live.width !== width || this.live.height !== height) {
      this.live.width = width;
      this.live.height = height;
      this.live.style.width = `${width / ratio}px`;
      this.live.style.height = `${height / ratio}px`;
    }
    this.live.hidden = false;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const k = camera.scale * ratio;
    context.setTransform(k, 0, 0, k, camera.x * ratio, camera.y * ratio);
    this.#paint(context, model, layout, palette, camera, [...this.moving], 1);
  }
}
