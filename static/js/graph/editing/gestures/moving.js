/**
 * What is selected follows the pointer on the grid, its edges too. Escape puts everything back.
 */

import { toWorld } from "../../camera.js";
import { snappedMove } from "../snapping.js";
import { AutoPan } from "./autopan.js";

/**
 * @typedef {import("../../gestures/gestures.js").Gesture} Gesture
 * @typedef {import("../../gestures/gestures.js").Point} Point
 */

/** @implements {Gesture} */
export class Moving {
  /** @param {import("../editing.js").Editing} editing @param {import("./pressing.js").Thing} thing @param {Point} start @param {number} id */
  constructor(editing, thing, start, id) {
    this.editing = editing;
    this.id = id;
    const { camera } = editing.scene.viewpoint;
    this.from = toWorld(camera, start.x, start.y);
    this.last = start;
    this.held = editing.movement.hold(thing);
    this.pan = new AutoPan(editing.scene, () => this.#go());
  }

  /** @param {import("../../gestures/gestures.js").Gestures} gestures */
  enter({ stage }) {
    if (stage.isConnected) stage.setPointerCapture(this.id);
    stage.toggleAttribute("data-moving", true);
    this.editing.movement.lift();
  }

  /** @param {Point} point */
  move(point) {
    this.last = point;
    this.pan.follow(point);
    this.#go();
  }

  #go() {
    const [x, y] = toWorld(this.editing.scene.viewpoint.camera, this.last.x, this.last.y);
    this.editing.movement.carry(...snappedMove(this.held, x - this.from[0], y - this.from[1]));
  }

  /** @param {Point} point */
  up(point) {
    this.move(point);
    this.editing.movement.drop();
  }

  cancel() {
    this.editing.movement.carry(0, 0);
    this.editing.movement.drop();
    this.editing.say("Not moved.");
  }

  /** @param {import("../../gestures/gestures.js").Gestures} gestures */
  exit({ stage }) {
    this.pan.stop();
    // A second finger has made a pinch of it.
    if (this.editing.movement.lifted) this.cancel();
    stage.removeAttribute("data-moving");
  }
}
