/**
 * The thin layer between edges and cards: the edges of the selected step and a ring that stays visible from afar.
 * Vector, because it moves with the world and must be sharp at every zoom.
 */

import { edgesAt } from "../model.js";
import { SvgPen, traceEdge } from "./edge_path.js";

/**
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 */

const SVG = "http://www.w3.org/2000/svg";

export class Marks {
  constructor() {
    this.svg = /** @type {SVGSVGElement} */ (document.createElementNS(SVG, "svg"));
    this.svg.setAttribute("class", "graph-marks");
    this.svg.setAttribute("aria-hidden", "true");
    this.lineage = shape("path", "graph-lineage");
    this.ring = shape("rect", "graph-ring");
    this.focusRing = shape("rect", "graph-focus-ring");
    this.svg.append(this.lineage, this.ring, this.focusRing);
  }

  /** @param {Model} model @param {Layout} layout @param {number} selected -1 for none */
  showSelected(model, layout, selected) {
    const pen = new SvgPen();
    if (selected >= 0) for (const edge of edgesAt(model, selected)) traceEdge(pen, model, layout, edge);
    this.lineage.setAttribute("d", pen.toString());
    around(this.ring, layout, selected);
  }

  /** @param {Layout} layout @param {number} focused -1 for none */
  showFocused(layout, focused) {
    around(this.focusRing, layout, focused);
  }
}

/** @param {string} kind @param {string} className */
function shape(kind, className) {
  const element = document.createElementNS(SVG, kind);
  element.setAttribute("class", className);
  return element;
}

/** @param {Element} ring @param {Layout} layout @param {number} node */
function around(ring, layout, node) {
  ring.toggleAttribute("hidden", node < 0);
  if (node < 0) return;
  const values = { x: layout.x[node], y: layout.y[node], width: layout.nodeWidth, height: layout.nodeHeight, rx: 8 };
  for (const [name, value] of Object.entries(values)) ring.setAttribute(name, String(value));
}
