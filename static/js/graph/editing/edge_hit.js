/**
 * Which edge is under the pointer: curves are followed in short straight pieces. Pure.
 */

import { traceEdge } from "../paint/edge_path.js";

/**
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 */

const PIECES = 20;

/** Collects a way as points. @implements {Pen} @typedef {import("../paint/edge_path.js").Pen} Pen */
class PointPen {
  constructor() {
    /** @type {[number, number][]} */
    this.points = [];
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.points.push([x, y]);
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.points.push([x, y]);
  }

  /** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {number} x @param {number} y */
  bezierCurveTo(x1, y1, x2, y2, x, y) {
    const [x0, y0] = this.points[this.points.length - 1];
    for (let i = 1; i <= PIECES; i += 1) {
      const t = i / PIECES;
      const s = 1 - t;
      const [a, b, c, d] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
      this.points.push([a * x0 + b * x1 + c * x2 + d * x, a * y0 + b * y1 + c * y2 + d * y]);
    }
  }
}

/** @param {Model} model @param {Layout} layout @param {number} edge @returns {[number, number][]} */
export function pointsOf(model, layout, edge) {
  const pen = new PointPen();
  traceEdge(pen, model, layout, edge);
  return pen.points;
}

/** The middle of an edge's way. @param {Model} model @param {Layout} layout @param {number} edge @returns {[number, number]} */
export function middleOf(model, layout, edge) {
  const points = pointsOf(model, layout, edge);
  const half = (points.length - 1) / 2;
  const [[x1, y1], [x2, y2]] = [points[Math.floor(half)], points[Math.ceil(half)]];
  return [(x1 + x2) / 2, (y1 + y2) / 2];
}

/** The nearest of these edges that is near enough. @param {Model} model @param {Layout} layout @param {number[]} edges
 * @param {number} x @param {number} y @param {number} reach @returns {number | null} */
export function edgeNear(model, layout, edges, x, y, reach) {
  let best = null;
  let least = reach;
  for (const edge of edges) {
    const distance = distanceTo(pointsOf(model, layout, edge), x, y);
    if (distance <= least) [best, least] = [edge, distance];
  }
  return best;
}

/** @param {[number, number][]} points @param {number} x @param {number} y */
function distanceTo(points, x, y) {
  let least = Infinity;
  for (let i = 1; i < points.length; i += 1) {
    const [[x1, y1], [x2, y2]] = [points[i - 1], points[i]];
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1);
    const t = Math.min(Math.max(along, 0), 1);
    least = Math.min(least, Math.hypot(x - x1 - t * dx, y - y1 - t * dy));
  }
  return least;
}
