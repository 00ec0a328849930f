/**
 * Two pointers zoom and move the picture: what was under the fingers stays under them.
 */

import { panned, zoomedTo } from "../camera.js";

/**
 * @typedef {import("./gestures.js").Gesture} Gesture
 * @typedef {import("./gestures.js").Point} Point
 */

/** @implements {Gesture} */
export class Pinching {
  /** @param {number[]} ids */
  constructor(ids) {
    this.ids = ids;
    /** @type {import("../camera.js").Camera | null} */
    this.before = null;
    this.middle = { x: 0, y: 0 };
    this.span = 1;
  }

  /** @param {import("./gestures.js").Gestures} gestures */
  enter(gestures) {
    this.before = gestures.scene.viewpoint.camera;
    [this.middle, this.span] = this.#grip(gestures);
  }

  /** @param {Point} _point @param {number} _id @param {import("./gestures.js").Gestures} gestures */
  move(_point, _id, gestures) {
    if (!this.before) return;
    const [middle, span] = this.#grip(gestures);
    const zoomed = zoomedTo(this.before, (this.before.scale * span) / this.span, this.middle.x, this.middle.y);
    gestures.scene.viewpoint.look(panned(zoomed, middle.x - this.middle.x, middle.y - this.middle.y));
  }

  up() {}

  /** @param {import("./gestures.js").Gestures} gestures */
  cancel({ scene }) {
    if (this.before) scene.viewpoint.look(this.before);
  }

  /** @param {import("./gestures.js").Gestures} gestures @returns {[Point, number]} */
  #grip({ pointers }) {
    const [a, b] = this.ids.map((id) => pointers.get(id) ?? this.middle);
    return [{ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1)];
  }
}
