/**
 * A pointer is down on something that can be edited and has hardly moved: it may become a click, a move, an edge, a
 * marquee or a pan.
 */

import { Panning } from "../../gestures/panning.js";
import { Connecting } from "./connecting.js";
import { Marquee } from "./marquee.js";
import { Moving } from "./moving.js";
import { Resizing } from "./resizing.js";

/**
 * @typedef {import("../../gestures/gestures.js").Gesture} Gesture
 * @typedef {import("../../gestures/gestures.js").Point} Point
 * @typedef {{kind: "node", node: number} | {kind: "port", node: number, forwards: boolean} | {kind: "edge", edge: number, end: "parent" | "child" | null}
 *   | {kind: "note", note: number, corner: boolean} | {kind: "group", name: string} | {kind: "nothing"}} Thing  what is under the pointer
 */

const SLACK_PIXELS = 4;

/** @implements {Gesture} */
export class PressingThing {
  /** @param {import("../editing.js").Editing} editing @param {Thing} thing @param {Point} start @param {PointerEvent} event */
  constructor(editing, thing, start, event) {
    this.editing = editing;
    this.thing = thing;
    this.start = start;
    this.id = event.pointerId;
    this.adds = event.shiftKey || event.ctrlKey || event.metaKey;
  }

  /** @param {Point} point @returns {Gesture | undefined} */
  move(point) {
    if (Math.hypot(point.x - this.start.x, point.y - this.start.y) < SLACK_PIXELS) return undefined;
    const { editing, thing, start, id } = this;
    if (thing.kind === "port") return new Connecting(editing, { step: editing.picture.steps.stepOf(thing.node), forwards: thing.forwards }, id);
    if (thing.kind === "edge" && thing.end && !this.adds) return this.#takeEnd(thing.edge, thing.end);
    if (thing.kind === "note" && thing.corner) return new Resizing(editing, thing.note, id);
    if (thing.kind === "node" || thing.kind === "note" || thing.kind === "group") return new Moving(editing, thing, start, id);
    return this.adds ? new Marquee(editing, start, id) : new Panning(start, id);
  }

  /** @param {number} edge @param {"parent" | "child"} end */
  #takeEnd(edge, end) {
    const { editing, start, id } = this;
    const begun = editing.connecting.beginningAt(edge, end);
    return begun ? new Connecting(editing, begun, id) : new Panning(start, id);
  }

  up() {
    this.editing.click(this.thing, this.adds);
  }
}
