/**
 * A pointer is down and has hardly moved: it may become a click or a pan.
 */

import { Panning } from "./panning.js";

const SLACK_PIXELS = 4;

/** @implements {Gesture} @typedef {import("./gestures.js").Gesture} Gesture */
export class Pressing {
  /** @param {import("./gestures.js").Point} start @param {number} id @param {boolean} adds to what is selected */
  constructor(start, id, adds) {
    this.start = start;
    this.id = id;
    this.adds = adds;
  }

  /** @param {import("./gestures.js").Point} point */
  move(point) {
    if (Math.hypot(point.x - this.start.x, point.y - this.start.y) < SLACK_PIXELS) return undefined;
    return new Panning(this.start, this.id);
  }

  /** @param {import("./gestures.js").Point} _point @param {number} _id @param {import("./gestures.js").Gestures} gestures */
  up(_point, _id, gestures) {
    gestures.asked.click(gestures.scene.stepAt(this.start.x, this.start.y), this.adds);
  }
}
