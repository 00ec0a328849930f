/**
 * A canvas larger than the view, painted once and then only moved: panning and zooming cost a CSS transform.
 * It says itself when it has to be painted again.
 */

/**
 * @typedef {import("../camera.js").Camera} Camera
 * @typedef {import("../camera.js").Size} Size
 * @typedef {import("../camera.js").Box} Box
 */

const LARGEST_RATIO = 2;
const MARGIN = 0.35;
/** Sharp screens have four times the pixels; a smaller margin keeps the bitmap's size in bounds. */
const MARGIN_SHARP = 0.15;

export class Bitmap {
  /** @param {string} className */
  constructor(className) {
    this.canvas = document.createElement("canvas");
    this.canvas.className = className;
    this.canvas.setAttribute("aria-hidden", "true");
    const context = this.canvas.getContext("2d");
    if (!context) throw new Error("This browser offers no 2D canvas.");
    this.context = context;
    /** @type {Camera | null} the camera that it was painted for */
    this.camera = null;
    this.ratio = 1;
    this.marginX = 0;
    this.marginY = 0;
  }

  /** Whether the picture is too coarse, too fine, or does not cover the view. @param {Camera} camera @param {Size} view */
  isSpent(camera, view) {
    if (!this.camera) return true;
    const zoom = camera.scale / this.camera.scale;
    if (zoom < 0.75 || zoom > 1.5) return true;
    const left = camera.x - (this.camera.x + this.marginX) * zoom;
    const top = camera.y - (this.camera.y + this.marginY) * zoom;
    return left > 0 || top > 0
      || left + (view.width + 2 * this.marginX) * zoom < view.width
      || top + (view.height + 2 * this.marginY) * zoom < view.height;
  }

  /** Whether a rest would make it sharper. @param {Camera} camera */
  isBlurred(camera) {
    return this.camera !== null && this.camera.scale !== camera.scale;
  }

  /** Clear, and get ready to paint in world units. @param {Camera} camera @param {Size} view @returns {Box} what to paint */
  begin(camera, view) {
    this.ratio = Math.min(window.devicePixelRatio || 1, LARGEST_RATIO);
    const margin = this.ratio > 1 ? MARGIN_SHARP : MARGIN;
    this.marginX = Math.ceil(view.width * margin);
    this.marginY = Math.ceil(view.height * margin);
    const width = Math.max(Math.ceil((view.width + 2 * this.marginX) * this.ratio), 1);
    const height = Math.max(Math.ceil((view.height + 2 * this.marginY) * this.ratio), 1);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${width / this.ratio}px`;
      this.canvas.style.height = `${height / this.ratio}px`;
    }
    // Whole pixels, so that an unmoved bitmap lies exactly on the screen's grid.
    this.camera = { x: Math.round(camera.x), y: Math.round(camera.y), scale: camera.scale };
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.clearRect(0, 0, width, height);
    this.inWorld();
    return {
      left: -(this.camera.x + this.marginX) / camera.scale,
      top: -(this.camera.y + this.marginY) / camera.scale,
      right: (view.width + this.marginX - this.camera.x) / camera.scale,
      bottom: (view.height + this.marginY - this.camera.y) / camera.scale,
    };
  }

  /** From now on the context draws in world units. */
  inWorld() {
    const { x, y, scale } = /** @type {Camera} */ (this.camera);
    const k = scale * this.ratio;
    this.context.setTransform(k, 0, 0, k, (x + this.marginX) * this.ratio, (y + this.marginY) * this.ratio);
  }

  /** From now on the context draws in the bitmap's own pixels; gives the way from world to pixel. */
  inPixels() {
    const { x, y, scale } = /** @type {Camera} */ (this.camera);
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    return { k: scale * this.ratio, left: (x + this.marginX) * this.ratio, top: (y + this.marginY) * this.ratio };
  }

  /** @param {Camera} camera */
  moveTo(camera) {
    if (!this.camera) return;
    const zoom = camera.scale / this.camera.scale;
    const left = camera.x - (this.camera.x + this.marginX) * zoom;
    const top = camera.y - (this.camera.y + this.marginY) * zoom;
    this.canvas.style.transform = `translate(${left}px, ${top}px) scale(${zoom})`;
  }

  forget() {
    this.camera = null;
  }
}
