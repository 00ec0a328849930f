/**
 * The canvas with a box for every step, used while cards would be too small or too many. A changed status paints
 * one rectangle. From far away a box is a block of its status's colour; nearer it gets a name.
 */

import { STATUSES, isBad, statusCode } from "../statuses.js";
import { nodesIn } from "../in_view.js";
import { Bitmap } from "./bitmap.js";
import { drawGlyph } from "./glyphs.js";

/**
 * @typedef {import("../camera.js").Camera} Camera
 * @typedef {import("../camera.js").Size} Size
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../states.js").States} States
 * @typedef {import("../model.js").Model} Model
 * @typedef {import("./palette.js").Palette} Palette
 * @typedef {{model: Model, layout: Layout, states: States, palette: Palette,
 *   tally: import("../tally.js").Tally | null, lit: Uint8Array | null}} Scene
 * @typedef {{x: number, y: number, width: number, height: number}} Rectangle
 */

export const NAMES_FROM = 0.3;
const OUTLINES_FROM = 0.12;
/** Statuses that are drawn as outlines: nothing has happened there, or nothing will. */
const HOLLOW = new Set(["draft", "pending", "skipped"]);
const FONT_PIXELS = 10.5;
const SIGN_PIXELS = 11;
const FADED = 0.22;
const MOST_NAMES = 4000;

/** @param {string} word @param {number} height */
const barWidth = (word, height) => Math.max(3, height * (isBad(word) ? 0.25 : 0.15));

export class BoxPainter {
  constructor() {
    this.bitmap = new Bitmap("graph-boxes");
    /** @type {Map<string, string>} names as they fit: measuring text is the dearest part of a box */
    this.short = new Map();
    /** How strongly to paint; what is not looked for is a hint. */
    this.strength = 1;
  }

  /** @param {Scene} scene @param {Camera} camera @param {Size} view */
  paint(scene, camera, view) {
    const area = this.bitmap.begin(camera, view);
    const nodes = nodesIn(scene.layout, area);
    // Batched by status: setting a colour costs more than filling a rectangle. Bad news last, so that it is on top.
    const byStatus = STATUSES.map(() => /** @type {number[]} */ ([]));
    for (const node of nodes) byStatus[scene.states.status[node]].push(node);
    const order = STATUSES.map((_, code) => code).sort((a, b) => Number(isBad(STATUSES[a])) - Number(isBad(STATUSES[b])));
    for (const code of order) this.#paintBatch(scene, code, byStatus[code]);
  }

  /** @param {Scene} scene @param {Iterable<number>} nodes */
  repaint(scene, nodes) {
    if (!this.bitmap.camera) return;
    for (const node of nodes) this.#paintBatch(scene, scene.states.status[node], [node]);
  }

  /** @param {Scene} scene @param {number} code @param {number[]} nodes */
  #paintBatch(scene, code, nodes) {
    const { lit } = scene;
    if (!lit) {
      this.#paintSome(scene, code, nodes);
      return;
    }
    // What is looked for is drawn last, so that nothing covers it.
    this.#paintSome(scene, code, nodes.filter((node) => !lit[node]), FADED);
    this.#paintSome(scene, code, nodes.filter((node) => lit[node]));
  }

  /** @param {Scene} scene @param {number} code @param {number[]} nodes @param {number} [strength] */
  #paintSome(scene, code, nodes, strength = 1) {
    if (nodes.length === 0) return;
    const { context } = this.bitmap;
    const { scale } = /** @type {Camera} */ (this.bitmap.camera);
    const rectangles = nodes.map((node) => this.#rectangle(scene.layout, node));
    this.strength = strength;
    if (strength < 1) {
      // The place is wiped first: a faded box that is painted again must not grow darker.
      for (const { x, y, width, height } of rectangles) context.clearRect(x, y, width, height);
    }
    this.#paintShadows(scene, nodes, rectangles);
    if (scale < OUTLINES_FROM) this.#paintBlocks(scene.palette, code, rectangles);
    else this.#paintBoxes(scene.palette, code, rectangles);
    if (scale >= NAMES_FROM) this.#paintNames(scene, code, nodes, rectangles);
    this.#paintBars(scene, nodes, rectangles);
    context.globalAlpha = 1;
  }

  /** A second edge behind what stands for several steps. @param {Scene} scene @param {number[]} nodes @param {Rectangle[]} rectangles */
  #paintShadows({ tally, palette }, nodes, rectangles) {
    if (!tally) return;
    const { context, ratio } = this.bitmap;
    context.globalAlpha = this.strength;
    context.strokeStyle = palette.muted;
    context.lineWidth = ratio;
    nodes.forEach((node, i) => {
      if (!tally.counts.has(node) || rectangles[i].height < 6) return;
      const { x, y, width, height } = rectangles[i];
      context.strokeRect(x + 2.5 * ratio, y + 2.5 * ratio, width, height);
    });
  }

  /** How many of a bundle's steps are in which status. @param {Scene} scene @param {number[]} nodes @param {Rectangle[]} rectangles */
  #paintBars({ tally, palette }, nodes, rectangles) {
    if (!tally) return;
    const { context, ratio } = this.bitmap;
    context.globalAlpha = this.strength;
    nodes.forEach((node, i) => {
      const told = tally.told(node);
      if (!told) return;
      const { x, y, width, height } = rectangles[i];
      const bar = Math.min(Math.max(Math.round(height / 6), 2 * ratio), height);
      const total = told.bar.reduce((sum, { count }) => sum + count, 0);
      let left = x;
      for (const { word, count } of told.bar) {
        const part = (width * count) / total;
        context.fillStyle = palette.status[statusCode(word)];
        context.fillRect(left, y + height - bar, part, bar);
        left += part;
      }
    });
  }

  /** In whole pixels, so that painting a box again covers exactly the old one. @param {Layout} layout @param {number} node */
  #rectangle(layout, node) {
    const { k, left, top } = this.bitmap.inPixels();
    const x = Math.round(layout.x[node] * k + left);
    const y = Math.round(layout.y[node] * k + top);
    const right = Math.round((layout.x[node] + layout.nodeWidth) * k + left);
    const bottom = Math.round((layout.y[node] + layout.nodeHeight) * k + top);
    return { x, y, width: Math.max(right - x, 2), height: Math.max(bottom - y, 1) };
  }

  /** @param {Palette} palette @param {number} code @param {Rectangle[]} rectangles */
  #paintBlocks(palette, code, rectangles) {
    const { context } = this.bitmap;
    const hollow = HOLLOW.has(STATUSES[code]);
    context.fillStyle = palette.surface;
    for (const { x, y, width, height } of rectangles) context.fillRect(x, y, width, height);
    context.fillStyle = palette.status[code];
    context.globalAlpha = this.strength * (hollow ? 0.4 : 1);
    for (const { x, y, width, height } of rectangles) context.fillRect(x, y, width, height);
    if (isBad(STATUSES[code])) this.#notch(palette, rectangles);
  }

  /** A corner cut out: bad news is told by shape too. @param {Palette} palette @param {Rectangle[]} rectangles */
  #notch(palette, rectangles) {
    const { context } = this.bitmap;
    context.fillStyle = palette.surface;
    context.beginPath();
    for (const { x, y, width, height } of rectangles) {
      if (height < 3) continue;
      context.moveTo(x + width, y);
      context.lineTo(x + width - height * 0.7, y);
      context.lineTo(x + width, y + height * 0.7);
      context.closePath();
    }
    context.fill();
  }

  /** @param {Palette} palette @param {number} code @param {Rectangle[]} rectangles */
  #paintBoxes(palette, code, rectangles) {
    const { context } = this.bitmap;
    const word = STATUSES[code];
    const colour = palette.status[code];
    const bar = barWidth(word, rectangles[0].height);
    const hollow = HOLLOW.has(word);
    // One pass a style, because setting one costs as much as several rectangles.
    context.fillStyle = palette.raised;
    for (const { x, y, width, height } of rectangles) context.fillRect(x, y, width, height);
    context.fillStyle = colour;
    context.globalAlpha = this.strength * (hollow ? 0.06 : isBad(word) ? 0.45 : 0.24);
    for (const { x, y, width, height } of rectangles) context.fillRect(x, y, width, height);
    context.globalAlpha = this.strength;
    if (!hollow) for (const { x, y, height } of rectangles) context.fillRect(x, y, bar, height);
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.setLineDash(hollow ? [3, 3] : []);
    for (const { x, y, width, height } of rectangles) context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
    context.setLineDash([]);
    if (isBad(word)) this.#notch(palette, rectangles);
  }

  /** Signs and names keep a readable size on the screen, whatever the zoom. @param {Scene} scene
   * @param {number} code @param {number[]} nodes @param {Rectangle[]} rectangles */
  #paintNames(scene, code, nodes, rectangles) {
    const { context, ratio } = this.bitmap;
    const sign = SIGN_PIXELS * ratio;
    context.font = `${FONT_PIXELS * ratio}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    context.fillStyle = scene.palette.text;
    context.strokeStyle = scene.palette.status[code];
    context.lineJoin = "round";
    nodes.forEach((node, i) => {
      const { x, y, width, height } = rectangles[i];
      const indent = barWidth(STATUSES[code], height) + 4 * ratio;
      drawGlyph(context, code, x + indent, Math.round(y + (height - sign) / 2), sign);
      const start = indent + sign + 4 * ratio;
      const name = this.#shortened(scene.model.nodes[node].name, width - start - 4 * ratio);
      context.fillText(name, x + start, y + height / 2 + 0.5);
    });
  }

  /** @param {string} text @param {number} room @returns {string} */
  #shortened(text, room) {
    const key = `${Math.floor(room)} ${text}`;
    let short = this.short.get(key);
    if (short !== undefined) return short;
    if (this.short.size >= MOST_NAMES) this.short.clear();
    short = shortened(this.bitmap.context, text, room);
    this.short.set(key, short);
    return short;
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} room @returns {string} */
function shortened(context, text, room) {
  const whole = context.measureText(text).width;
  if (whole <= room) return text;
  // Made names differ at their end.
  const tail = text.length * room > 12 * whole ? text.slice(-3) : "";
  let letters = Math.floor((text.length * room) / whole) - tail.length;
  let short = "";
  do {
    short = `${text.slice(0, Math.max(letters, 1))}…${tail}`;
    letters -= 1;
  } while (letters > 0 && context.measureText(short).width > room);
  return short;
}
