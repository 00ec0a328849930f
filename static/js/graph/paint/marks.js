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
    this.scale = 0;
    /** @type {Layout | null} */
    this.layout = null;
    this.selected = -1;
    this.focused = -1;
    this.svg.append(this.lineage, this.ring, this.focusRing);
  }

  /** Lines and distances keep their width on the screen. (The vector effect for this does not see transforms outside the SVG.)
   * @param {number} scale */
  setScale(scale) {
    if (scale === this.scale) return;
    this.scale = scale;
    this.svg.style.setProperty("--graph-pixel", `${1 / scale}px`);
    this.#drawRings();
  }

  /** @param {Model} model @param {Layout} layout @param {number} selected -1 for none */
  showSelected(model, layout, selected) {
    const pen = new SvgPen();
    if (selected >= 0) for (const edge of edgesAt(model, selected)) traceEdge(pen, model, layout, edge);
    this.lineage.setAttribute("d", pen.toString());
    this.layout = layout;
    this.selected = selected;
    this.#drawRings();
  }

  /** @param {Layout} layout @param {number} focused -1 for none */
  showFocused(layout, focused) {
    this.layout = layout;
    this.focused = focused;
    this.#drawRings();
  }

  #drawRings() {
    if (!this.layout || !this.scale) return;
    around(this.ring, this.layout, this.selected, 2.5 / this.scale);
    around(this.focusRing, this.layout, this.focused, 5 / this.scale);
  }
}

/** @param {string} kind @param {string} className */
function shape(kind, className) {
  const element = document.createElementNS(SVG, kind);
  element.setAttribute("class", className);
  return element;
}

/** @param {Element} ring @param {Layout} layout @param {number} node @param {number} distance */
function around(ring, layout, node, distance) {
  ring.toggleAttribute("hidden", node < 0);
  if (node < 0) return;
  const values = {
    x: layout.x[node] - distance, y: layout.y[node] - distance, rx: distance * 2,
    width: layout.nodeWidth + 2 * distance, height: layout.nodeHeight + 2 * distance,
  };
  for (const [name, value] of Object.entries(values)) ring.setAttribute(name, String(value));
}
