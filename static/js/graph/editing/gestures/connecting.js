/**
 * An edge is drawn from a port: let go over a step it connects, over the empty canvas it asks what should be there.
 * Or the end of an edge is taken to another step.
 */

import { toWorld } from "../../camera.js";
import { AutoPan } from "./autopan.js";

/**
 * @typedef {import("../../gestures/gestures.js").Gesture} Gesture
 * @typedef {import("../../gestures/gestures.js").Point} Point
 */

/** @implements {Gesture} */
export class Connecting {
  /** @param {import("../editing.js").Editing} editing @param {import("../connection.js").Beginning} beginning @param {number} id */
  constructor(editing, beginning, id) {
    this.editing = editing;
    this.beginning = beginning;
    this.id = id;
    /** @type {Point} */
    this.last = { x: 0, y: 0 };
    this.pan = new AutoPan(editing.scene, () => this.#aim());
  }

  /** @param {import("../../gestures/gestures.js").Gestures} gestures */
  enter({ stage }) {
    if (stage.isConnected) stage.setPointerCapture(this.id);
    this.editing.connecting.begin(this.beginning);
  }

  /** @param {Point} point */
  move(point) {
    this.last = point;
    this.pan.follow(point);
    this.#aim();
  }

  #aim() {
    const { scene, connecting } = this.editing;
    connecting.current?.aim(scene.stepAt(this.last.x, this.last.y), toWorld(scene.viewpoint.camera, this.last.x, this.last.y));
  }

  /** @param {Point} point */
  up(point) {
    this.move(point);
    const node = this.editing.scene.stepAt(point.x, point.y);
    if (node !== null) this.editing.connecting.finish(node);
    else this.editing.connecting.drop(point);
  }

  cancel() {
    this.editing.connecting.cancel();
  }

  exit() {
    this.pan.stop();
    // A second finger has made a pinch of it.
    this.editing.connecting.cancel();
  }
}
