/** Edges that change in each frame, as vectors that look like the painted ones. */

import { lineWidthAt, STRAIGHT_BELOW, SvgPen, traceEdge, traceEdgeStraight } from "../paint/edge_path.js";
import { middleOf } from "./edge_hit.js";
import { element } from "./overlay.js";
import { REFERENCE } from "./picture.js";

/**
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 */

/** From here on kinds and arrows can be seen. */
const DETAILS_FROM = 0.3;

export class LiveEdges {
  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.order = element("path", "edit-live");
    this.references = element("path", "edit-live");
    this.tips = element("path", "edit-live-tips");
    this.order.setAttribute("stroke-dasharray", "7 5");
    svg.prepend(this.order, this.references, this.tips);
    this.scale = 0;
  }

  /** @param {Model} model @param {Layout} layout @param {number[]} edges @param {Uint8Array} kinds @param {number} scale */
  show(model, layout, edges, kinds, scale) {
    const near = scale >= DETAILS_FROM;
    const [order, references] = [new SvgPen(), new SvgPen()];
    for (const edge of edges) {
      const pen = near && kinds[edge] !== REFERENCE ? order : references;
      if (scale >= STRAIGHT_BELOW) traceEdge(pen, model, layout, edge);
      else traceEdgeStraight(pen, model, layout, edge);
    }
    this.order.setAttribute("d", order.toString());
    this.references.setAttribute("d", references.toString());
    this.tips.setAttribute("d", near ? tipsOf(model, layout, edges, kinds) : "");
    if (scale === this.scale) return;
    this.scale = scale;
    for (const path of [this.order, this.references]) path.setAttribute("stroke-width", String(lineWidthAt(scale)));
  }

  clear() {
    for (const path of [this.order, this.references, this.tips]) path.setAttribute("d", "");
  }
}

/** Arrows, and the dots of those along which a value travels. @param {Model} model @param {Layout} layout @param {number[]} edges
 * @param {Uint8Array} kinds */
function tipsOf(model, layout, edges, kinds) {
  return edges.map((edge) => {
    const child = model.childOfEdge[edge];
    const arrow = `M${layout.x[child]} ${layout.y[child] + layout.nodeHeight / 2}l-8 -4.5v9z`;
    if (kinds[edge] !== REFERENCE) return arrow;
    const [x, y] = middleOf(model, layout, edge);
    return `${arrow}M${x - 3.5} ${y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0`;
  }).join("");
}
