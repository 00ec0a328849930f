/**
 * Hands pointer events to the gesture that is under way. A gesture is an object with enter, move, up, cancel and
 * exit; it may name its successor. Idle when none is. Escape cancels.
 */

import { Pressing } from "./pressing.js";
import { Pinching } from "./pinching.js";

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {object} Gesture
 * @property {(stage: Gestures) => void} [enter]
 * @property {(point: Point, id: number, stage: Gestures) => Gesture | null | void} move  null ends it
 * @property {(point: Point, id: number, stage: Gestures) => void} up
 * @property {(stage: Gestures) => void} [cancel]
 * @property {(stage: Gestures) => void} [exit]
 */

export class Gestures {
  /** @param {HTMLElement} stage @param {import("../scene.js").Scene} scene
   * @param {{click: (index: number | null, adds: boolean) => void, open: (index: number) => void, hover: (index: number | null, at: Point) => void,
   *   press?: (at: Point, event: PointerEvent) => Gesture | null}} asked `press` may begin another gesture than a click or a pan */
  constructor(stage, scene, asked) {
    this.stage = stage;
    this.scene = scene;
    this.asked = asked;
    /** @type {Gesture | null} */
    this.current = null;
    /** @type {Map<number, Point>} */
    this.pointers = new Map();
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#lost(event));
    stage.addEventListener("pointerleave", () => asked.hover(null, { x: 0, y: 0 }));
    stage.addEventListener("dblclick", (event) => {
      const index = scene.stepAt(...this.#place(event));
      if (index !== null) asked.open(index);
    });
  }

  /** @param {Gesture | null} gesture */
  become(gesture) {
    this.current?.exit?.(this);
    this.current = gesture;
    gesture?.enter?.(this);
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    if (!this.current) return false;
    this.current.cancel?.(this);
    this.become(null);
    return true;
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  #place(event) {
    const { left, top } = this.stage.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  /** @param {PointerEvent} event @returns {Point} */
  #point(event) {
    const [x, y] = this.#place(event);
    return { x, y };
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.pointerType === "mouse" && event.button > 1) return;
    const point = this.#point(event);
    this.pointers.set(event.pointerId, point);
    this.asked.hover(null, point);
    if (this.pointers.size === 2) this.become(new Pinching([...this.pointers.keys()]));
    else if (this.pointers.size === 1) this.become(this.asked.press?.(point, event) ?? new Pressing(point, event.pointerId, event.shiftKey));
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const point = this.#point(event);
    if (!this.current) {
      this.asked.hover(this.scene.stepAt(point.x, point.y), point);
      return;
    }
    if (!this.pointers.has(event.pointerId)) return;
    this.pointers.set(event.pointerId, point);
    const next = this.current.move(point, event.pointerId, this);
    if (next !== undefined) this.become(next);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.current?.up(this.#point(event), event.pointerId, this);
    this.become(null);
  }

  /** @param {PointerEvent} event */
  #lost(event) {
    if (this.pointers.delete(event.pointerId)) this.cancel();
  }
}
