/** The corner of a note follows the pointer on the grid. Escape puts it back. */

import { toWorld } from "../../camera.js";
import { SMALLEST_NOTE } from "../notes.js";
import { snapped } from "../snapping.js";

/**
 * @typedef {import("../../gestures/gestures.js").Gesture} Gesture
 * @typedef {import("../../gestures/gestures.js").Point} Point
 */

/** @implements {Gesture} */
export class Resizing {
  /** @param {import("../editing.js").Editing} editing @param {number} note @param {number} id */
  constructor(editing, note, id) {
    this.editing = editing;
    this.note = note;
    this.id = id;
    this.box = editing.notes.boxOf(note);
    this.ended = false;
  }

  /** @param {import("../../gestures/gestures.js").Gestures} gestures */
  enter({ stage }) {
    if (stage.isConnected) stage.setPointerCapture(this.id);
  }

  /** @param {Point} point */
  move(point) {
    const { editing, note } = this;
    const { left, top } = editing.notes.boxOf(note);
    const [x, y] = toWorld(editing.scene.viewpoint.camera, point.x, point.y);
    this.box = {
      left, top, right: left + Math.max(snapped(x - left), SMALLEST_NOTE[0]), bottom: top + Math.max(snapped(y - top), SMALLEST_NOTE[1]),
    };
    editing.notes.stand(note, this.box);
  }

  /** @param {Point} point */
  up(point) {
    this.move(point);
    this.ended = true;
    const { left, top, right, bottom } = this.box;
    this.editing.tell("edit-note", { note: this.note, size: [right - left, bottom - top] });
  }

  cancel() {
    this.editing.notes.stand(this.note, this.editing.notes.boxOf(this.note));
  }

  exit() {
    // A second finger has made a pinch of it.
    if (!this.ended) this.cancel();
  }
}
