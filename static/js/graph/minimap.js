/**
 * The whole chart, small, with the colours of its states and a frame around what is in view. Press or drag to go
 * somewhere; arrows move the view. Hidden while everything is in view anyway.
 */

import { viewBox } from "./camera.js";
import { boundsOf } from "./in_view.js";
import { isBad, STATUSES } from "./statuses.js";

/**
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {import("./model.js").Model} Model
 */

const [WIDEST, TALLEST] = [208, 132];
const SMALLEST = 36;
const PAINTS_EVERY_MS = 250;
const INSET = 5;
/** @type {Record<string, [number, number]>} how many views an arrow goes */
const ARROWS = { ArrowLeft: [-0.5, 0], ArrowRight: [0.5, 0], ArrowUp: [0, -0.5], ArrowDown: [0, 0.5] };

export class Minimap {
  /** @param {import("./scene.js").Scene} scene */
  constructor(scene) {
    this.scene = scene;
    this.element = document.createElement("div");
    this.element.className = "graph-map";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "application");
    this.element.setAttribute("aria-roledescription", "map");
    this.element.setAttribute("aria-label", "Map of the chart. Arrows move the view, plus and minus zoom, 0 shows everything");
    this.canvas = document.createElement("canvas");
    this.frame = document.createElement("div");
    this.frame.className = "graph-map-frame";
    this.element.append(this.canvas, this.frame);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    /** @type {Layout | null} */
    this.layout = null;
    this.scale = 1;
    this.timer = 0;
    this.paintedAt = -Infinity;
    this.off = false;
    this.stale = true;
    this.#listen();
    scene.watchers.add((changed) => {
      this.stale ||= changed;
      this.follow();
    });
  }

  /** @param {Model} _model @param {Layout} layout */
  show(_model, layout) {
    this.layout = layout;
    this.scale = Math.min(WIDEST / layout.width, TALLEST / layout.height);
    const width = Math.max(Math.round(layout.width * this.scale), SMALLEST);
    const height = Math.max(Math.round(layout.height * this.scale), SMALLEST);
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.ratio = ratio;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.paintedAt = -Infinity;
    this.stale = true;
    this.follow();
  }

  /** After each frame of the chart: the frame moves at once, the picture is painted now and then. */
  follow() {
    const { layout, scene } = this;
    if (!layout || scene.layout !== layout) return;
    const box = viewBox(scene.viewpoint.camera, scene.viewpoint.view);
    const slack = 8 / scene.viewpoint.camera.scale;
    const bounds = boundsOf(layout);
    const all = box.left <= bounds.left + slack && box.top <= bounds.top + slack
      && box.right >= bounds.right - slack && box.bottom >= bounds.bottom - slack;
    // Not from under the keyboard.
    this.element.hidden = this.off || (all && document.activeElement !== this.element);
    if (this.element.hidden) return;
    this.#frame({
      left: box.left - bounds.left, right: box.right - bounds.left, top: box.top - bounds.top, bottom: box.bottom - bounds.top,
    });
    if (!this.stale) return;
    const wait = this.paintedAt + PAINTS_EVERY_MS - performance.now();
    if (wait <= 0) this.#paint();
    else this.timer ||= setTimeout(() => this.#paint(), wait);
  }

  /** @param {import("./camera.js").Box} box from the picture's corner */
  #frame(box) {
    const [width, height] = [this.canvas.width / (this.ratio ?? 1), this.canvas.height / (this.ratio ?? 1)];
    const clamp = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(Math.max(value * this.scale, 0), most);
    const [left, top] = [clamp(box.left, width - 4), clamp(box.top, height - 4)];
    const { style } = this.frame;
    style.transform = `translate(${left + INSET}px, ${top + INSET}px)`;
    style.width = `${Math.max(clamp(box.right, width) - left, 4)}px`;
    style.height = `${Math.max(clamp(box.bottom, height) - top, 4)}px`;
  }

  #paint() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.paintedAt = performance.now();
    this.stale = false;
    const { layout, context, scene } = this;
    const { palette, states } = scene;
    if (!layout || !palette || states.size < layout.x.length) return;
    const k = this.scale * (this.ratio ?? 1);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const { left, top } = boundsOf(layout);
    const [width, height] = [Math.max(layout.nodeWidth * k, 1.5), Math.max(layout.nodeHeight * k, 1.5)];
    /** @type {number[][]} */
    const byStatus = STATUSES.map(() => []);
    for (let node = 0; node < layout.x.length; node += 1) byStatus[states.status[node]].push(node);
    // Bad news last and larger: it must be seen among ten thousand.
    const order = STATUSES.map((_, code) => code).sort((a, b) => Number(isBad(STATUSES[a])) - Number(isBad(STATUSES[b])));
    for (const code of order) {
      const grow = isBad(STATUSES[code]) ? Math.max(4 - height, 0) : 0;
      context.fillStyle = palette.status[code];
      for (const node of byStatus[code]) {
        context.globalAlpha = scene.lit && !scene.lit[node] ? 0.2 : ["pending", "draft", "skipped"].includes(STATUSES[code]) ? 0.45 : 1;
        context.fillRect((layout.x[node] - left) * k - grow / 2, (layout.y[node] - top) * k - grow / 2, width + grow, height + grow);
      }
    }
    context.globalAlpha = 1;
  }

  #listen() {
    const { element } = this;
    /** @param {PointerEvent} event */
    const go = (event) => {
      const { left, top } = this.canvas.getBoundingClientRect();
      const bounds = boundsOf(/** @type {Layout} */ (this.layout));
      this.#goTo(bounds.left + (event.clientX - left) / this.scale, bounds.top + (event.clientY - top) / this.scale);
    };
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      go(event);
    });
    element.addEventListener("pointermove", (event) => { if (element.hasPointerCapture(event.pointerId)) go(event); });
    element.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow || event.ctrlKey || event.altKey || event.metaKey) return;
      const { camera, view } = this.scene.viewpoint;
      const box = viewBox(camera, view);
      this.#goTo(
        (box.left + box.right) / 2 + arrow[0] * (box.right - box.left),
        (box.top + box.bottom) / 2 + arrow[1] * (box.bottom - box.top),
      );
      event.preventDefault();
      event.stopPropagation();
    });
    element.addEventListener("blur", () => this.follow());
  }

  /** That point in the middle of the view. @param {number} x @param {number} y */
  #goTo(x, y) {
    const { viewpoint } = this.scene;
    const { layout } = this;
    if (!layout) return;
    const { scale } = viewpoint.target;
    const { left, top, right, bottom } = boundsOf(layout);
    const [inX, inY] = [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
    viewpoint.look({ x: viewpoint.view.width / 2 - inX * scale, y: viewpoint.view.height / 2 - inY * scale, scale });
  }

  toggle() {
    this.off = !this.off;
    this.follow();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
  }
}
