/**
 * What is in the air while things are moved: painted once and then only shifted. Anew in each frame are only the
 * edges between what moves and what stays, as vectors: a canvas would have to be wiped and copied whole.
 */

import { boxOf } from "../in_view.js";
import { edgesAt } from "../model.js";
import { BoxPainter } from "../paint/boxes.js";
import { around } from "./boxes.js";
import { EditedEdges } from "./edges.js";
import { LiveEdges } from "./live_edges.js";

/**
 * @typedef {import("../camera.js").Camera} Camera
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../paint/bitmap.js").Bitmap} Bitmap
 * @typedef {import("../scene.js").Scene} Scene
 */

/** A larger picture of what is carried is cut to what is in view. */
const MOST_OF_A_VIEW = 2;
/** Shadows and bends reach out of the boxes. */
const EDGE_PIXELS = 16;
/** Where nobody looks. */
const FAR = 1e6;
const BOXES = ["boxes", "blocks"];

/** The boxes that stay while others are in the air. */
class StayingBoxes extends BoxPainter {
  /** @type {Layout | null} */
  still = null;

  /** @override @param {import("../paint/boxes.js").Scene} scene @param {Camera} camera @param {import("../camera.js").Size} view */
  paint(scene, camera, view) {
    super.paint(this.still ? { ...scene, layout: this.still } : scene, camera, view);
  }
}

export class Carried {
  /** @param {Scene} scene whose painters are replaced */
  constructor(scene) {
    this.scene = scene;
    this.edges = new EditedEdges();
    /** The edges between two that move. */
    this.inner = new EditedEdges();
    this.live = new LiveEdges(scene.marks.svg);
    this.staying = new StayingBoxes();
    this.boxes = new BoxPainter();
    scene.edges.bitmap.canvas.replaceWith(this.edges.bitmap.canvas, this.inner.bitmap.canvas);
    scene.boxes.bitmap.canvas.replaceWith(this.staying.bitmap.canvas, this.boxes.bitmap.canvas);
    scene.edges = this.edges;
    scene.boxes = this.staying;
    /** @type {number[]} */
    this.between = [];
    /** @type {number[]} */
    this.within = [];
    /** @type {ReadonlySet<number>} */
    this.nodes = new Set();
    /** Whether all of it is on the canvas, not only what was in view. */
    this.isWhole = false;
    /** How far things had been carried when they were painted. */
    this.paintedAt = [0, 0];
    this.#show(false);
  }

  /** @param {Uint8Array} kinds of the drawn edges */
  setKinds(kinds) {
    for (const edges of [this.edges, this.inner]) edges.kinds = kinds;
  }

  /** @param {ReadonlySet<number>} nodes */
  lift(nodes) {
    const { model, layout } = this.scene;
    if (!model || !layout) return;
    const touched = new Set([...nodes].flatMap((node) => edgesAt(model, node)));
    const isInner = (/** @type {number} */ edge) => nodes.has(model.parents[edge]) && nodes.has(model.childOfEdge[edge]);
    this.nodes = nodes;
    this.within = [...touched].filter(isInner);
    this.between = [...touched].filter((edge) => !isInner(edge));
    this.edges.hide(touched);
    this.staying.still = without(layout, (node) => nodes.has(node));
    for (const { bitmap } of [this.staying, this.boxes, this.inner]) bitmap.forget();
    this.#show(true);
    this.inner.bitmap.canvas.hidden = this.within.length === 0;
  }

  drop() {
    const { model, layout } = this.scene;
    this.edges.hide([]);
    this.staying.still = null;
    this.staying.bitmap.forget();
    if (model && layout) this.edges.setLayout(model, layout);
    this.#show(false);
  }

  /** After a frame of the scene. @param {number} dx how far things have been carried @param {number} dy */
  paint(dx, dy) {
    const { model, layout, palette, viewpoint: { camera, view }, lod, states, tally } = this.scene;
    if (!model || !layout || !palette) return;
    this.live.show(model, layout, this.between, this.edges.kinds, camera.scale);
    const asBoxes = BOXES.includes(lod);
    this.boxes.bitmap.canvas.hidden = !asBoxes;
    if (this.#isSpent(this.#shifted(camera, dx, dy), asBoxes)) {
      this.paintedAt = [dx, dy];
      const [from, area] = this.#excerpt(layout, camera, view);
      if (this.within.length) this.inner.paintOnly(model, layout, palette, from, area, this.within);
      const taken = without(layout, (node) => !this.nodes.has(node));
      if (asBoxes) this.boxes.paint({ model, layout: taken, states, palette, tally, lit: null }, from, area);
    }
    for (const { bitmap } of [this.inner, this.boxes]) bitmap.moveTo(this.#shifted(camera, dx, dy));
  }

  /** Only as much canvas as there is to see on it, because each frame pays for its size: the camera and the view that
   * show it. @param {Layout} layout @param {Camera} camera @param {import("../camera.js").Size} view
   * @returns {[Camera, import("../camera.js").Size]} */
  #excerpt(layout, camera, view) {
    const { x, y, scale } = camera;
    const box = around([...this.nodes].map((node) => boxOf(layout, node)));
    if (!box) return [camera, view];
    const [width, height] = [(box.right - box.left) * scale, (box.bottom - box.top) * scale];
    this.isWhole = width * height <= MOST_OF_A_VIEW * view.width * view.height;
    if (!this.isWhole) return [camera, view];
    const corner = { x: Math.round(x + box.left * scale) - EDGE_PIXELS, y: Math.round(y + box.top * scale) - EDGE_PIXELS };
    return [{ x: x - corner.x, y: y - corner.y, scale }, { width: width + 2 * EDGE_PIXELS, height: height + 2 * EDGE_PIXELS }];
  }

  /** @param {Camera} camera that would show it where it is now @param {boolean} asBoxes */
  #isSpent(camera, asBoxes) {
    const bitmaps = [...(this.within.length ? [this.inner.bitmap] : []), ...(asBoxes ? [this.boxes.bitmap] : [])];
    return bitmaps.some((bitmap) => (
      bitmap.camera && this.isWhole ? bitmap.camera.scale !== camera.scale : bitmap.isSpent(camera, this.scene.viewpoint.view)));
  }

  /** The camera that shows what was painted where it is now. @param {Camera} camera @param {number} dx @param {number} dy @returns {Camera} */
  #shifted({ x, y, scale }, dx, dy) {
    return { x: x + (dx - this.paintedAt[0]) * scale, y: y + (dy - this.paintedAt[1]) * scale, scale };
  }

  /** @param {boolean} shown */
  #show(shown) {
    this.paintedAt = [0, 0];
    for (const { bitmap } of [this.inner, this.boxes]) bitmap.canvas.hidden = !shown;
    if (!shown) this.live.clear();
  }
}

/** A copy of a layout some of whose nodes cannot be seen. @param {Layout} layout @param {(node: number) => boolean} isGone @returns {Layout} */
function without(layout, isGone) {
  return { ...layout, x: layout.x.map((x, node) => (isGone(node) ? FAR : x)) };
}
