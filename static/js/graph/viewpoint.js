/**
 * The camera over time: the size of the view, gliding from one camera to the next, staying fitted until somebody
 * moves the picture. Says when a new frame is needed; draws nothing.
 */

import { between, fitted, HOME, revealing } from "./camera.js";

/**
 * @typedef {import("./camera.js").Camera} Camera
 * @typedef {import("./camera.js").Box} Box
 */

const GLIDE_MILLISECONDS = 180;

export class Viewpoint {
  /** @param {() => void} moved */
  constructor(moved) {
    this.moved = moved;
    /** @type {Camera} */
    this.camera = { ...HOME };
    this.view = { width: 0, height: 0 };
    /** A hidden tab has no size; it comes back with the picture that it had. */
    this.shown = false;
    this.fitting = true;
    /** @type {{from: Camera, to: Camera, began: number} | null} */
    this.glide = null;
  }

  /** Where the camera is or is on its way to. */
  get target() {
    return this.glide?.to ?? this.camera;
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.shown = width > 0 && height > 0;
    if (!this.shown) return;
    const before = this.view;
    this.view = { width, height };
    if (this.fitting || !before.width) return;
    // The middle of the picture stays in the middle.
    const { x, y, scale } = this.target;
    this.#turnTo({ x: x + (width - before.width) / 2, y: y + (height - before.height) / 2, scale }, false);
  }

  /** @param {Camera} camera @param {{glide?: boolean}} [options] */
  look(camera, { glide = false } = {}) {
    this.fitting = false;
    this.#turnTo(camera, glide);
  }

  /** @param {Box} box @param {{glide?: boolean}} [options] */
  fit(box, { glide = false } = {}) {
    this.fitting = true;
    if (this.shown && box.right > box.left) this.#turnTo(fitted(box, this.view), glide);
  }

  /** @param {Box} box */
  reveal(box) {
    if (!this.shown) return;
    const camera = revealing(this.target, box, this.view);
    if (camera !== this.target) this.look(camera, { glide: true });
  }

  /** The middle of the box on the screen, if it is in view. @param {Box} box @returns {[number, number] | null} */
  middleOf(box) {
    const { x, y, scale } = this.target;
    const [px, py] = [((box.left + box.right) / 2) * scale + x, ((box.top + box.bottom) / 2) * scale + y];
    return px > 0 && px < this.view.width && py > 0 && py < this.view.height ? [px, py] : null;
  }

  /** @param {Camera} camera @param {boolean} glide */
  #turnTo(camera, glide) {
    const still = !glide || !this.shown || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.glide = still ? null : { from: this.camera, to: camera, began: performance.now() };
    if (still) this.camera = camera;
    this.moved();
  }

  /** @param {number} time of the frame */
  advance(time) {
    if (!this.glide) return;
    const { from, to, began } = this.glide;
    const part = Math.min(Math.max((time - began) / GLIDE_MILLISECONDS, 0), 1);
    this.camera = part === 1 ? to : between(from, to, 1 - (1 - part) ** 3, this.view);
    if (part === 1) this.glide = null;
    else this.moved();
  }
}
