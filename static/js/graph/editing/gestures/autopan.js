/**
 * While something is dragged near the border of the stage, the picture moves by itself, faster the nearer it is.
 */

import { panned } from "../../camera.js";

/** @typedef {import("../../gestures/gestures.js").Point} Point */

const BORDER_PIXELS = 44;
const FASTEST_PIXELS = 18;

/** How far to move in one frame. @param {Point} point @param {import("../../camera.js").Size} view @returns {[number, number]} */
export const driftAt = (point, view) => [drift(point.x, view.width), drift(point.y, view.height)];

/** @param {number} at @param {number} size */
function drift(at, size) {
  const depth = at < BORDER_PIXELS ? BORDER_PIXELS - at : at > size - BORDER_PIXELS ? size - BORDER_PIXELS - at : 0;
  return Math.round((Math.max(Math.min(depth / BORDER_PIXELS, 1), -1)) * FASTEST_PIXELS);
}

export class AutoPan {
  /** @param {import("../../scene.js").Scene} scene @param {() => void} moved called after each move */
  constructor(scene, moved) {
    this.scene = scene;
    this.moved = moved;
    /** @type {Point} */
    this.point = { x: 0, y: 0 };
    this.frame = 0;
    /** A thing that is taken near the border does not run away: it begins when the pointer has been inside. */
    this.armed = false;
  }

  /** @param {Point} point */
  follow(point) {
    this.point = point;
    const [dx, dy] = driftAt(point, this.scene.viewpoint.view);
    if (!dx && !dy) this.armed = true;
    if (this.armed && (dx || dy)) this.frame ||= requestAnimationFrame(() => this.#step());
  }

  #step() {
    this.frame = 0;
    const { viewpoint } = this.scene;
    const [dx, dy] = driftAt(this.point, viewpoint.view);
    if (!dx && !dy) return;
    viewpoint.look(panned(viewpoint.camera, dx, dy));
    this.moved();
    this.frame = requestAnimationFrame(() => this.#step());
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }
}
