/**
 * What editing draws over the edges: those that are selected or under the pointer, the edge that is being made, the
 * marquee, and where something would land. Vector, in the world of the marks, so that it is sharp at every zoom.
 */

import { SvgPen, traceEdge } from "../paint/edge_path.js";

/**
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 * @typedef {[number, number]} Point
 * @typedef {import("../camera.js").Box} Box
 */

const SVG = "http://www.w3.org/2000/svg";

export class Overlay {
  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.near = element("path", "edit-edge-near");
    this.lit = element("path", "edit-edge-hovered");
    this.ends = element("path", "edit-edge-ends");
    this.chosen = element("path", "edit-edge-selected");
    this.errors = element("path", "edit-problems");
    this.warnings = element("path", "edit-problems edit-warnings");
    this.boxes = element("path", "edit-rings");
    this.line = element("path", "edit-line");
    this.area = element("rect", "edit-marquee");
    this.landing = element("rect", "edit-landing");
    svg.append(this.warnings, this.errors, this.near, this.lit, this.chosen, this.ends, this.boxes, this.line, this.landing, this.area);
    for (const one of [this.line, this.area, this.landing]) one.toggleAttribute("hidden", true);
  }

  /** @param {Model} model @param {Layout} layout @param {{chosen: number[], near: number[], rings: number[]}} what
   * selected edges, those of selected steps, selected nodes */
  showSelected(model, layout, { chosen, near, rings }) {
    this.chosen.setAttribute("d", wayOf(model, layout, chosen));
    this.near.setAttribute("d", wayOf(model, layout, near));
    this.boxes.setAttribute("d", outlines(layout, rings));
  }

  /** From afar, where no card could say it. @param {Layout} layout @param {{errors: number[], warnings: number[]}} nodes */
  showProblems(layout, { errors, warnings }) {
    this.errors.setAttribute("d", outlines(layout, errors));
    this.warnings.setAttribute("d", outlines(layout, warnings));
  }

  /** @param {Model} model @param {Layout} layout @param {number | null} edge @param {boolean} [lands] whether something would be put into it */
  showHovered(model, layout, edge, lands = false) {
    this.lit.toggleAttribute("data-lands", lands);
    this.lit.setAttribute("d", edge === null ? "" : wayOf(model, layout, [edge]));
  }

  /** What can be taken of an edge. @param {Model} model @param {Layout} layout @param {number | null} edge */
  showEnds(model, layout, edge) {
    if (edge === null) {
      this.ends.setAttribute("d", "");
      return;
    }
    const { x, y, nodeWidth, nodeHeight } = layout;
    const [parent, child] = [model.parents[edge], model.childOfEdge[edge]];
    this.ends.setAttribute("d", `M${x[parent] + nodeWidth} ${y[parent] + nodeHeight / 2}h0M${x[child]} ${y[child] + nodeHeight / 2}h0`);
  }

  /** The edge that is being made; null for none. @param {Point | null} from @param {Point} [to] @param {"" | "good" | "bad"} [state] */
  showLine(from, to = [0, 0], state = "") {
    this.line.toggleAttribute("hidden", from === null);
    if (!from) return;
    const reach = Math.max(Math.abs(to[0] - from[0]) / 2, 40);
    this.line.setAttribute("d", `M${from.join(" ")}C${from[0] + reach} ${from[1]} ${to[0] - reach} ${to[1]} ${to.join(" ")}`);
    this.line.setAttribute("data-state", state);
  }

  /** @param {Box | null} box */
  showArea(box) {
    place(this.area, box);
  }

  /** Where a card would stand. @param {Box | null} box */
  showLanding(box) {
    place(this.landing, box);
  }
}

/** @param {string} kind @param {string} className */
export function element(kind, className) {
  const made = document.createElementNS(SVG, kind);
  made.setAttribute("class", className);
  return made;
}

/** @param {Layout} layout @param {number[]} nodes */
const outlines = ({ x, y, nodeWidth, nodeHeight }, nodes) =>
  nodes.map((node) => `M${x[node]} ${y[node]}h${nodeWidth}v${nodeHeight}h${-nodeWidth}z`).join("");

/** @param {Element} rectangle @param {Box | null} box */
function place(rectangle, box) {
  rectangle.toggleAttribute("hidden", box === null);
  if (!box) return;
  const values = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top };
  for (const [name, value] of Object.entries(values)) rectangle.setAttribute(name, String(value));
}

/** @param {Model} model @param {Layout} layout @param {number[]} edges */
function wayOf(model, layout, edges) {
  const pen = new SvgPen();
  for (const edge of edges) traceEdge(pen, model, layout, edge);
  return pen.toString();
}
