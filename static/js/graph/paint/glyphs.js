/**
 * The statuses' signs for the canvas, on the same 24 pixel grid as the sprite: from the middle distance a step still
 * says by shape, not by colour alone, how it is.
 */

import { STATUSES } from "../statuses.js";

const CIRCLE = "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z";

/** @type {Record<string, string>} */
const SHAPES = {
  draft: CIRCLE,
  pending: CIRCLE,
  awaiting: `${CIRCLE}M10 8.5v7M14 8.5v7`,
  queued: `${CIRCLE}M7.5 12h1M11.5 12h1M15.5 12h1`,
  running: "M12 3a9 9 0 1 1-9 9",
  paused: "M8.5 5v14M15.5 5v14",
  aborting: "M12 3a9 9 0 0 1 9 9M12 21a9 9 0 0 1-9-9M9.5 9.5h5v5h-5z",
  completed: `${CIRCLE}M8 12.3l2.8 2.8L16 9.5`,
  cached: "M13.2 2.8 5 13.6h6l-.8 7.6L19 10.2h-6.2z",
  skipped: "M5 6v12l8.6-6zM18 5.5v13",
  failed: "M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM9 9l6 6M15 9l-6 6",
  crashed: "M12.6 2.8 6 11.4h4.6M11.4 21.2 18 12.6h-4.6M3.5 17.5l3-2.3M17.5 8.8l3-2.3",
  aborted: `${CIRCLE}M5.7 5.7l12.6 12.6`,
};

/** @type {Path2D[] | null} */
let paths = null;

/** Draws one sign; the context is in pixels and has its colour. @param {CanvasRenderingContext2D} context
 * @param {number} code @param {number} x @param {number} y @param {number} size */
export function drawGlyph(context, code, x, y, size) {
  paths ??= STATUSES.map((status) => new Path2D(SHAPES[status]));
  const scale = size / 24;
  const dashed = STATUSES[code] === "pending";
  context.setTransform(scale, 0, 0, scale, x, y);
  context.lineWidth = 2.6;
  // Round caps would close gaps that are a pixel wide.
  context.lineCap = dashed ? "butt" : "round";
  context.setLineDash(dashed ? [4.7, 4.72] : []);
  context.stroke(paths[code]);
  context.setLineDash([]);
  context.setTransform(1, 0, 0, 1, 0, 0);
}
