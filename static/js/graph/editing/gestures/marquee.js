/**
 * A rectangle that selects what it touches, in addition to what was selected. Escape puts the selection back.
 */

import { toWorld } from "../../camera.js";
import { boxBetween } from "../boxes.js";
import { keptSelection } from "../selection.js";
import { AutoPan } from "./autopan.js";

/**
 * @typedef {import("../../gestures/gestures.js").Gesture} Gesture
 * @typedef {import("../../gestures/gestures.js").Point} Point
 */

/** @implements {Gesture} */
export class Marquee {
  /** @param {import("../editing.js").Editing} editing @param {Point} start @param {number} id */
  constructor(editing, start, id) {
    this.editing = editing;
    this.id = id;
    this.from = toWorld(editing.scene.viewpoint.camera, start.x, start.y);
    this.last = start;
    this.before = editing.selection;
    this.ended = false;
    this.pan = new AutoPan(editing.scene, () => this.#reach());
  }

  /** @param {import("../../gestures/gestures.js").Gestures} gestures */
  enter({ stage }) {
    if (stage.isConnected) stage.setPointerCapture(this.id);
    stage.toggleAttribute("data-marquee", true);
  }

  /** @param {Point} point */
  move(point) {
    this.last = point;
    this.pan.follow(point);
    this.#reach();
  }

  #reach() {
    const { editing, from } = this;
    const to = toWorld(editing.scene.viewpoint.camera, this.last.x, this.last.y);
    const box = boxBetween(from, to);
    editing.overlay.showArea(box);
    editing.choice.showIn(box, this.before);
  }

  /** @param {Int32Array} numbers new ones of the old steps @param {import("../picture.js").Shown} shown */
  renumber(numbers, shown) {
    this.before = keptSelection(this.before, numbers, shown);
  }

  /** @param {Point} point */
  up(point) {
    this.move(point);
    this.ended = true;
    this.editing.choice.tell(this.before);
  }

  cancel() {
    this.ended = true;
    this.editing.select(this.before);
  }

  /** @param {import("../../gestures/gestures.js").Gestures} gestures */
  exit({ stage }) {
    this.pan.stop();
    // A second finger has made a pinch of it.
    if (!this.ended) this.cancel();
    this.editing.overlay.showArea(null);
    stage.removeAttribute("data-marquee");
  }
}
