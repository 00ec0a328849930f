/**
 * One pointer drags the picture. Escape puts it back where it was.
 */

import { panned } from "../camera.js";

/** @implements {Gesture} @typedef {import("./gestures.js").Gesture} Gesture */
export class Panning {
  /** @param {import("./gestures.js").Point} start @param {number} id */
  constructor(start, id) {
    this.start = start;
    this.id = id;
    /** @type {import("../camera.js").Camera | null} */
    this.before = null;
  }

  /** @param {import("./gestures.js").Gestures} gestures */
  enter({ stage, scene }) {
    this.before = scene.viewpoint.camera;
    // Captured only now: a captured press would take the click away from the card under it.
    if (stage.isConnected) stage.setPointerCapture(this.id);
    stage.toggleAttribute("data-panning", true);
  }

  /** @param {import("./gestures.js").Point} point @param {number} _id @param {import("./gestures.js").Gestures} gestures */
  move(point, _id, { scene }) {
    if (this.before) scene.viewpoint.look(panned(this.before, point.x - this.start.x, point.y - this.start.y));
  }

  up() {}

  /** @param {import("./gestures.js").Gestures} gestures */
  cancel({ scene }) {
    if (this.before) scene.viewpoint.look(this.before);
  }

  /** @param {import("./gestures.js").Gestures} gestures */
  exit({ stage }) {
    stage.removeAttribute("data-panning");
  }
}
