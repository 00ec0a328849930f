/**
 * The way of an edge: out of the right side of the parent, level through the columns it crosses, into the left side
 * of the child. Written to anything that has a canvas path's verbs; `SvgPen` makes path data of them.
 */

/**
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 * @typedef {object} Pen
 * @property {(x: number, y: number) => void} moveTo
 * @property {(x: number, y: number) => void} lineTo
 * @property {(x1: number, y1: number, x2: number, y2: number, x: number, y: number) => void} bezierCurveTo
 */

export const STRAIGHT_BELOW = 0.12;

/** In the world's units: between a hair and two pixels on the screen. @param {number} scale */
export const lineWidthAt = (scale) => Math.min(Math.max(1.7 * scale, scale < STRAIGHT_BELOW ? 0.75 : 0.9), 2) / scale;

/** @param {Pen} pen @param {Model} model @param {Layout} layout @param {number} edge */
export function traceEdge(pen, model, layout, edge) {
  const { x, y, nodeWidth, nodeHeight, routeStart, route } = layout;
  const parent = model.parents[edge];
  const child = model.childOfEdge[edge];
  let atX = x[parent] + nodeWidth;
  let atY = y[parent] + nodeHeight / 2;
  pen.moveTo(atX, atY);
  for (let i = routeStart[edge]; i < routeStart[edge + 1]; i += 3) {
    bend(pen, atX, atY, route[i], route[i + 2]);
    pen.lineTo(route[i + 1], route[i + 2]);
    atX = route[i + 1];
    atY = route[i + 2];
  }
  bend(pen, atX, atY, x[child], y[child] + nodeHeight / 2);
}

/** The same way, straight: what is left of it when a card is a few pixels wide.
 * @param {Pen} pen @param {Model} model @param {Layout} layout @param {number} edge */
export function traceEdgeStraight(pen, model, layout, edge) {
  const { x, y, nodeWidth, nodeHeight, routeStart, route } = layout;
  const parent = model.parents[edge];
  const child = model.childOfEdge[edge];
  pen.moveTo(x[parent] + nodeWidth, y[parent] + nodeHeight / 2);
  for (let i = routeStart[edge]; i < routeStart[edge + 1]; i += 3) {
    pen.lineTo(route[i], route[i + 2]);
    pen.lineTo(route[i + 1], route[i + 2]);
  }
  pen.lineTo(x[child], y[child] + nodeHeight / 2);
}

/** @param {Pen} pen @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
function bend(pen, x1, y1, x2, y2) {
  if (Math.abs(y1 - y2) < 0.5) {
    pen.lineTo(x2, y2);
    return;
  }
  // A child placed left of its parent (by hand) needs the handles to reach out, else the curve runs through the cards.
  const reach = x2 > x1 ? (x2 - x1) / 2 : Math.max((x1 - x2) / 2, 60);
  pen.bezierCurveTo(x1 + reach, y1, x2 - reach, y2, x2, y2);
}

/** Left, top, right, bottom of every edge. @param {Model} model @param {Layout} layout @returns {Float32Array} */
export function edgeBoxes(model, layout) {
  const { x, y, nodeWidth, nodeHeight, routeStart, route } = layout;
  const boxes = new Float32Array(model.parents.length * 4);
  for (let edge = 0; edge < model.parents.length; edge += 1) {
    const [parent, child] = [model.parents[edge], model.childOfEdge[edge]];
    let top = Math.min(y[parent], y[child]) + nodeHeight / 2;
    let bottom = Math.max(y[parent], y[child]) + nodeHeight / 2;
    for (let i = routeStart[edge]; i < routeStart[edge + 1]; i += 3) {
      top = Math.min(top, route[i + 2]);
      bottom = Math.max(bottom, route[i + 2]);
    }
    // How far a curve swings out that runs backwards.
    const back = x[parent] + nodeWidth - x[child];
    const backwards = back > 0 ? Math.max(120, back / 10) : 0;
    boxes[edge * 4] = Math.min(x[parent] + nodeWidth, x[child]) - backwards;
    boxes[edge * 4 + 1] = top;
    boxes[edge * 4 + 2] = Math.max(x[parent] + nodeWidth, x[child]) + backwards;
    boxes[edge * 4 + 3] = bottom;
  }
  return boxes;
}

/**
 * Edges that look the same from afar, drawn as one straight line: ends are moved to a raster. Of what is still too
 * many every second, third, … line is left, because more would be a grey mass.
 * @param {Model} model @param {Layout} layout @param {number[]} edges @param {number} raster @param {number} most
 * @returns {Float32Array} four numbers for each line
 */
export function bandsOf(model, layout, edges, raster, most) {
  const { x, y, nodeWidth, nodeHeight } = layout;
  /** @type {Map<number, number>} an edge for each way on the raster */
  const bands = new Map();
  for (const edge of edges) {
    const [parent, child] = [model.parents[edge], model.childOfEdge[edge]];
    const [x1, y1] = [Math.round(x[parent] / raster), Math.round(y[parent] / raster)];
    const [x2, y2] = [Math.round(x[child] / raster), Math.round(y[child] / raster)];
    bands.set(((x1 * 4093 + y1) * 4093 + x2) * 4093 + y2, edge);
  }
  const every = Math.ceil(bands.size / most);
  const lines = [...bands.values()].filter((_, place) => place % every === 0).map((edge) => {
    const [parent, child] = [model.parents[edge], model.childOfEdge[edge]];
    return [x[parent] + nodeWidth, y[parent] + nodeHeight / 2, x[child], y[child] + nodeHeight / 2];
  });
  return Float32Array.from(lines.flat());
}

/** Collects path data for an SVG `d`. @implements {Pen} */
export class SvgPen {
  constructor() {
    /** @type {string[]} */
    this.data = [];
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.data.push(`M${x} ${y}`);
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.data.push(`L${x} ${y}`);
  }

  /** @param {number[]} points */
  bezierCurveTo(...points) {
    this.data.push(`C${points.join(" ")}`);
  }

  toString() {
    return this.data.join("");
  }
}
