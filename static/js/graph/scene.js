/**
 * Puts model, states, layout and camera on the screen, once per animation frame and only what has changed.
 * Knows nothing of gestures, keys or the element's outside.
 */

import { viewBox } from "./camera.js";
import { boundsOf, boxOf, nodeAt, nodesIn } from "./in_view.js";
import { BoxPainter, NAMES_FROM } from "./paint/boxes.js";
import { CardLayer, signOf } from "./paint/cards.js";
import { EdgePainter } from "./paint/edges.js";
import { Marks } from "./paint/marks.js";
import { readPalette } from "./paint/palette.js";
import { States } from "./states.js";
import { isClocked } from "./statuses.js";
import { Viewpoint } from "./viewpoint.js";

/**
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {import("./model.js").Model} Model
 */

const CARDS_FROM = 0.45;
/** A small graph keeps its cards from further away: they are few, and each is live and can be reached by name. */
const CARDS_FROM_SMALL = 0.26;
const SMALL = 120;
const MOST_CARDS = 320;
const READABLE_SCALE = 0.7;
const REST_MILLISECONDS = 120;
/** So many changed boxes at once are quicker painted as a whole. */
const MANY = 400;

export class Scene {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage;
    /** @type {Model | null} */
    this.model = null;
    /** @type {Layout | null} */
    this.layout = null;
    this.states = new States(0);
    /** @type {import("./tally.js").Tally | null} of the nodes that stand for several steps */
    this.tally = null;
    /** @type {Uint8Array | null} by node; all others are faded */
    this.lit = null;
    this.viewpoint = new Viewpoint(() => this.request());
    this.clockOffset = 0;
    this.selected = -1;
    this.current = -1;
    this.lod = "empty";
    this.frameNumber = 0;
    this.visible = 0;
    this.edges = new EdgePainter();
    this.boxes = new BoxPainter();
    this.marks = new Marks();
    this.world = document.createElement("div");
    this.world.className = "graph-world";
    this.world.append(this.marks.svg);
    this.cards = new CardLayer(this.world);
    this.probe = document.createElement("span");
    this.probe.hidden = true;
    stage.append(this.edges.bitmap.canvas, this.boxes.bitmap.canvas, this.world, this.probe);
    /** @type {import("./paint/palette.js").Palette | null} */
    this.palette = null;
    /** @type {Set<number>} steps whose state has changed since the last frame */
    this.changed = new Set();
    this.all = true;
    this.requested = 0;
    this.restTimer = 0;
    this.clockTimer = 0;
    /** @type {((card: import("./paint/cards.js").Card, node: number) => void) | null} more that a card shows, by whoever knows it */
    this.dress = null;
    /** @type {Set<(changed: boolean) => void>} told after each frame, and whether a state was drawn anew in it */
    this.watchers = new Set();
  }

  /** @param {Model} model @param {Layout} layout @param {import("./steps.js").Steps} steps @param {{fit?: boolean}} [options] */
  setGraph(model, layout, steps, { fit = true } = {}) {
    const grows = this.model !== null;
    this.cards.forget();
    this.replaceGraph(model, layout, steps);
    if (fit && this.viewpoint.fitting) this.fit({ glide: grows });
  }

  /** The cards stay: their numbers still mean what they show. @param {Model} model @param {Layout} layout @param {import("./steps.js").Steps} steps */
  replaceGraph(model, layout, steps) {
    this.model = model;
    this.layout = layout;
    this.lit = null;
    this.edges.setLayout(model, layout);
    this.setStates(steps);
    if (this.current >= model.size || this.current < 0) this.current = model.size ? 0 : -1;
    this.select(this.selected < model.size ? this.selected : -1);
  }

  /** @param {import("./steps.js").Steps} steps */
  setStates(steps) {
    this.states = steps.shown;
    this.tally = steps.tally;
    this.all = true;
    this.boxes.bitmap.forget();
    this.request();
  }

  /** A node's state has changed. @param {number} node @param {States} states */
  touch(node, states) {
    this.states = states;
    this.changed.add(node);
    this.request();
  }

  /** @param {Uint8Array | null} mask by node */
  light(mask) {
    this.lit = mask;
    this.all = true;
    this.edges.bitmap.forget();
    this.boxes.bitmap.forget();
    this.request();
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.viewpoint.resize(width, height);
    if (this.viewpoint.fitting) this.fit();
    this.repaint();
  }

  /** The theme, the pixel ratio or the size has changed: nothing painted is of use. */
  repaint() {
    this.palette = null;
    this.edges.bitmap.forget();
    this.boxes.bitmap.forget();
    this.request();
  }

  /** @param {{glide?: boolean}} [options] */
  fit(options) {
    if (this.layout) this.viewpoint.fit(boundsOf(this.layout), options);
  }

  /** @param {number} index */
  reveal(index) {
    if (this.layout) this.viewpoint.reveal(boxOf(this.layout, index));
  }

  /** To the middle, and near enough to be read. @param {number} index */
  flyTo(index) {
    if (!this.layout) return;
    const { left, top, right, bottom } = boxOf(this.layout, index);
    const { width, height } = this.viewpoint.view;
    const scale = Math.max(this.viewpoint.target.scale, READABLE_SCALE);
    this.viewpoint.look({
      x: width / 2 - ((left + right) / 2) * scale, y: height / 2 - ((top + bottom) / 2) * scale, scale,
    }, { glide: true });
  }

  /** The point that a zoom without a pointer keeps still: the current step while it is in view, else the middle.
   * @returns {[number, number]} */
  zoomPoint() {
    const { width, height } = this.viewpoint.view;
    const attended = this.current >= 0 && (this.selected === this.current || this.cards.hasFocus());
    const point = this.layout && attended ? this.viewpoint.middleOf(boxOf(this.layout, this.current)) : null;
    return point ?? [width / 2, height / 2];
  }

  /** The step under a point of the stage, whether it is a card or a painted box. @param {number} px @param {number} py */
  stepAt(px, py) {
    if (!this.layout) return null;
    const { camera } = this.viewpoint;
    return nodeAt(this.layout, (px - camera.x) / camera.scale, (py - camera.y) / camera.scale, 3 / camera.scale);
  }

  /** @param {number} index -1 for none */
  select(index) {
    this.selected = index;
    this.cards.setSelected(index);
    if (index >= 0) this.setCurrent(index);
    if (this.model && this.layout) this.marks.showSelected(this.model, this.layout, index);
    this.request();
  }

  /** The step that the keyboard is at. @param {number} index */
  setCurrent(index) {
    this.current = index;
    this.cards.setFocusable(index);
    this.request();
  }

  /** Moves the keyboard to a step: its card exists afterwards and has the focus. @param {number} index */
  focus(index) {
    this.setCurrent(index);
    this.#paintCards();
    this.cards.focus(index);
  }

  now() {
    return Date.now() + this.clockOffset;
  }

  request() {
    if (this.requested) return;
    this.requested = requestAnimationFrame((time) => {
      this.requested = 0;
      this.#frame(time);
    });
  }

  /** @param {number} time */
  #frame(time) {
    const { model, layout, viewpoint } = this;
    if (!model || !layout || !viewpoint.shown) return;
    this.frameNumber += 1;
    viewpoint.advance(time);
    this.palette ??= readPalette(this.probe);
    const { camera, view } = viewpoint;
    if (this.edges.bitmap.isSpent(camera, view)) this.edges.paint(model, layout, this.palette, camera, view, this.lit);
    this.edges.bitmap.moveTo(camera);
    this.#paintSteps({ model, layout, states: this.states, palette: this.palette, tally: this.tally, lit: this.lit });
    this.marks.setScale(camera.scale);
    this.world.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${camera.scale})`;
    if (this.edges.bitmap.isBlurred(camera) || this.boxes.bitmap.isBlurred(camera)) this.#sharpenAtRest();
    this.#keepClock();
    for (const watcher of this.watchers) watcher(this.all || this.changed.size > 0);
    this.changed.clear();
    this.all = false;
  }

  /** @param {import("./paint/boxes.js").Scene} scene */
  #paintSteps(scene) {
    const { camera, view } = this.viewpoint;
    const near = camera.scale >= (scene.model.size <= SMALL ? CARDS_FROM_SMALL : CARDS_FROM);
    // Far away nobody asks which steps are in view: the bitmap is painted with a margin and then only moved.
    const inView = near ? nodesIn(scene.layout, viewBox(camera, view), MOST_CARDS) : [];
    const asCards = near && inView.length <= MOST_CARDS;
    this.visible = asCards ? inView.length : 0;
    this.#setDetail(asCards);
    this.boxes.bitmap.canvas.hidden = asCards;
    if (asCards) this.boxes.bitmap.forget();
    else this.#paintBoxes(scene);
    this.#paintCards(asCards ? inView : []);
  }

  /** @param {boolean} asCards */
  #setDetail(asCards) {
    const { scale } = this.viewpoint.camera;
    const detail = asCards ? cardDetail(scale) : scale >= NAMES_FROM ? "boxes" : "blocks";
    if (detail === this.lod) return;
    this.lod = detail;
    this.stage.dataset.lod = detail;
  }

  /** @param {import("./paint/boxes.js").Scene} scene */
  #paintBoxes(scene) {
    const { bitmap } = this.boxes;
    const { camera, view } = this.viewpoint;
    if (bitmap.isSpent(camera, view) || this.changed.size > MANY) {
      this.boxes.paint(scene, camera, view);
    } else if (this.changed.size) {
      this.boxes.repaint(scene, [...this.changed].filter((node) => node < scene.model.size));
    }
    bitmap.moveTo(camera);
  }

  /** @param {number[]} [inView] ascending; the current step always has a card, or Tab would find nothing */
  #paintCards(inView = [...this.cards.cards.keys()].sort((a, b) => a - b)) {
    const { model, layout, cards } = this;
    if (!model || !layout) return;
    const now = this.now();
    cards.focusable = this.current;
    const wanted = this.current < 0 || inView.includes(this.current) ? inView : [...inView, this.current].sort((a, b) => a - b);
    /** @param {import("./paint/cards.js").Card} card @param {number} index */
    const fill = (card, index) => {
      card.draftIcon = signOf(model.nodes[index].kind);
      this.dress?.(card, index);
      const parents = model.parentStart[index + 1] - model.parentStart[index];
      const children = model.childStart[index + 1] - model.childStart[index];
      card.show(model.nodes[index].name, this.states.at(index), now, parents, children, this.tally?.told(index) ?? null);
      card.setLit(this.lit ? this.lit[index] === 1 : null);
    };
    cards.keep(wanted, layout, fill);
    for (const index of this.all ? cards.cards.keys() : this.changed) {
      const card = cards.cards.get(index);
      if (card) fill(card, index);
    }
    if (this.all) this.marks.showSelected(model, layout, this.selected);
  }

  #sharpenAtRest() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      for (const { bitmap } of [this.edges, this.boxes]) {
        if (bitmap.isBlurred(this.viewpoint.camera)) bitmap.forget();
      }
      this.request();
    }, REST_MILLISECONDS);
  }

  /** One timer for all clocks, and none while no card shows one. */
  #keepClock() {
    let ticking = false;
    for (const index of this.cards.cards.keys()) ticking ||= isClocked(this.states.word(index));
    if (ticking && !this.clockTimer) this.clockTimer = setInterval(() => this.#tick(), 1000);
    if (!ticking && this.clockTimer) this.#stopClock();
  }

  #tick() {
    const now = this.now();
    for (const [index, card] of this.cards.cards) {
      if (isClocked(this.states.word(index))) card.tick(this.states.at(index), now);
    }
  }

  #stopClock() {
    clearInterval(this.clockTimer);
    this.clockTimer = 0;
  }

  stop() {
    this.#stopClock();
    clearTimeout(this.restTimer);
    cancelAnimationFrame(this.requested);
    this.requested = 0;
  }
}

/** @param {number} scale */
function cardDetail(scale) {
  if (scale >= 0.8) return "near";
  if (scale >= 0.6) return "middle";
  return scale >= CARDS_FROM ? "compact" : "tiny";
}
