/**
 * Makes a `<pipeline-graph>` editable: the page says what is to be seen, and hears what people want to be changed.
 * Nothing is changed here; a drag that the page does not follow with `show` lasts until it does.
 *
 *     const editing = new Editing(graph);
 *     editing.show({nodes, edges, positions, notes, groups});
 *     graph.addEventListener("edit-move", ({detail}) => …);
 */

import { fitted, toWorld } from "../camera.js";
import { boundsOf, boxOf } from "../in_view.js";
import { pressKey } from "../keyboard.js";
import { arranged } from "./arranging.js";
import { around } from "./boxes.js";
import { Carried } from "./carried.js";
import { Choice } from "./choice.js";
import { ConnectingSteps } from "./connecting.js";
import { pictureAsSvg } from "./drawing.js";
import { dress } from "./dressing.js";
import { Dropping } from "./dropping.js";
import { Marquee } from "./gestures/marquee.js";
import { PressingThing } from "./gestures/pressing.js";
import { Groups } from "./groups.js";
import { keptCards, nearestNode, nodeNow, renumberCards } from "./kept_cards.js";
import { pressEditKey } from "./keys.js";
import { Movement } from "./movement.js";
import { Notes } from "./notes.js";
import { Overlay } from "./overlay.js";
import { Picture } from "./picture.js";
import { Pointing } from "./pointing.js";

/**
 * @typedef {import("./picture.js").Shown} Shown
 * @typedef {import("./selection.js").Selection} Selection
 * @typedef {import("./gestures/pressing.js").Thing} Thing
 * @typedef {[number, number]} Point
 */

/** A smaller picture needs no map. */
const MAPPED_FROM = 30;

export class Editing {
  /** @param {import("../element.js").PipelineGraph} graph */
  constructor(graph) {
    this.graph = graph;
    this.scene = graph.scene;
    this.picture = new Picture(graph.steps);
    this.isEnabled = true;
    this.scale = 0;
    this.carried = new Carried(this.scene);
    this.overlay = new Overlay(this.scene.marks.svg);
    this.front = layer("edit-front");
    this.back = layer("edit-back");
    this.groups = new Groups(this, this.back);
    this.notes = new Notes(this, this.back);
    this.choice = new Choice(this);
    this.movement = new Movement(this);
    this.connecting = new ConnectingSteps(this);
    this.pointing = new Pointing(this);
    this.dropping = new Dropping(this);
    this.#takeOver();
  }

  #takeOver() {
    const { graph, scene } = this;
    graph.toggleAttribute("editable", true);
    scene.stage.append(this.front, this.back);
    scene.dress = (card, node) => this.#dress(card, node);
    scene.watchers.add(() => this.#afterFrame());
    graph.pressKey = (event) => pressEditKey(this, event) || pressKey(graph, event);
    const { asked } = graph.gestures;
    asked.press = (at, event) => this.#press(at, event);
    asked.click = (node) => this.click(node === null ? { kind: "nothing" } : { kind: "node", node }, false);
    asked.open = (node) => this.open(node);
  }

  /** While it is off the graph can be looked at and chosen from, and nothing can be changed. */
  get enabled() {
    return this.isEnabled;
  }

  set enabled(/** @type {boolean} */ on) {
    this.isEnabled = on;
    if (!on) this.escape();
    this.graph.toggleAttribute("editable", on);
    this.pointing.showPorts();
  }

  /** @param {Shown} shown @param {{fit?: boolean}} [options] */
  show(shown, { fit = false } = {}) {
    const { scene, picture, graph } = this;
    const first = scene.model === null;
    const hovered = this.pointing.letGo();
    const kept = keptCards(scene, picture.steps);
    const numbers = picture.show(shown);
    renumberCards(scene, picture.steps, kept, numbers);
    this.carried.setKinds(picture.kinds);
    const layout = picture.layoutOfNodes();
    scene.replaceGraph(picture.drawn, layout, picture.steps);
    this.#keepPlace(kept, numbers, layout);
    this.notes.show(shown.notes ?? []);
    this.groups.show(shown.groups ?? [], layout);
    this.#widen(layout);
    this.choice.renumber(numbers, shown);
    this.#goOn(numbers, shown);
    this.pointing.goOn(hovered, numbers);
    graph.say(shown.nodes.length ? "" : "No steps yet.");
    if (graph.minimap) graph.minimap.show(picture.drawn, layout);
    else if (picture.drawn.size >= MAPPED_FROM) void graph.showMap();
    if (first || fit) this.fitTo(null, { glide: !first });
  }

  /** Notes and frames belong to the picture too. @param {import("../layout.js").Layout} layout */
  #widen(layout) {
    const frames = this.groups.open.map((_, index) => this.groups.boxOf(index, layout));
    const notes = this.notes.shown.map((_, index) => this.notes.boxOf(index));
    const steps = layout.x.length ? [boundsOf(layout)] : [];
    const { left, top, right, bottom } = around([...steps, ...frames, ...notes]) ?? { left: 0, top: 0, right: 0, bottom: 0 };
    Object.assign(layout, { left, top, width: right - left, height: bottom - top });
  }

  /** What is under way goes on. @param {Int32Array} numbers @param {Shown} shown */
  #goOn(numbers, shown) {
    const gesture = this.graph.gestures.current;
    if (gesture instanceof Marquee) gesture.renumber(numbers, shown);
    this.movement.goOn(numbers);
    this.connecting.goOn(numbers);
  }

  /** The keyboard stays at its step; when that has gone, it is at the nearest one. @param {import("./kept_cards.js").Kept} kept
   * @param {Int32Array} numbers @param {import("../layout.js").Layout} layout */
  #keepPlace(kept, numbers, layout) {
    if (!kept.current) return;
    const node = nodeNow(this.picture.steps, kept.current, numbers);
    const current = node >= 0 ? node : nearestNode(layout, kept.at);
    if (kept.focused && !this.scene.cards.hasFocus() && current >= 0) this.scene.focus(current);
    else this.scene.setCurrent(current);
  }

  get selection() {
    return this.choice.selection;
  }

  /** @param {Partial<Selection>} selection */
  select(selection) {
    this.choice.show(selection);
  }

  /** By keys, as `e` does. @param {number} step @param {boolean} [forwards] to a child, else to a parent */
  startConnecting(step, forwards = true) {
    this.connecting.start(this.picture.steps.nodeOf(step), forwards);
  }

  /** @param {Thing} thing @param {boolean} adds to the selection, or takes out of it */
  click(thing, adds) {
    const node = thing.kind === "node" || thing.kind === "port" ? thing.node : null;
    if (this.connecting.current) this.connecting.finish(node);
    else if (thing.kind === "port") this.connecting.start(thing.node, thing.forwards);
    else this.choice.click(thing, adds);
    if (node !== null) this.scene.focus(this.connecting.current?.origin ?? node);
    if (thing.kind === "note") this.notes.focus(thing.note);
  }

  /** @param {number} node */
  open(node) {
    const group = this.picture.steps.bundleAt(node);
    if (group) {
      this.toggleGroup(group.name);
      return;
    }
    const step = this.picture.steps.stepOf(node);
    this.choice.choose({ steps: new Set([step]) });
    this.tell("edit-open", { step });
  }

  /** Opens or closes the group of a node. @param {number} node */
  toggleGroupAt(node) {
    const { steps, shown } = this.picture;
    const name = steps.bundleAt(node)?.name ?? shown.groups?.find((group) => group.steps.includes(steps.stepOf(node)))?.name;
    if (name !== undefined) this.toggleGroup(name);
  }

  /** @param {string} name */
  toggleGroup(name) {
    if (!this.enabled) this.show(withGroupToggled(this.picture.shown, name));
    else if (this.picture.canToggle(name)) this.tell("edit-toggle-group", { name });
    else this.refuse(`${name} cannot be closed: a way leads out of it and back into it.`);
  }

  /** @param {string} sentence */
  refuse(sentence) {
    this.say(sentence);
    this.tell("edit-refused", { sentence });
  }

  /** Ends what is under way, else clears the selection. @returns {boolean} whether there was something to end */
  escape() {
    return this.graph.gestures.cancel() || this.connecting.cancel() || this.choice.clear();
  }

  /** @returns {Point} the middle of the view, in the document's coordinates */
  centre() {
    const { camera, view } = this.scene.viewpoint;
    const [x, y] = toWorld(camera, view.width / 2, view.height / 2);
    return [Math.round(x), Math.round(y)];
  }

  /** @param {Iterable<number>} steps */
  reveal(steps) {
    const box = this.#boxOf(steps);
    if (box) this.scene.viewpoint.reveal(box);
  }

  /** @param {Iterable<number> | null} steps null for everything @param {{glide?: boolean}} [options] */
  fitTo(steps, options = { glide: true }) {
    const { viewpoint, layout } = this.scene;
    if (!steps) this.scene.fit(options);
    const box = steps && layout ? this.#boxOf(steps) : null;
    if (box) viewpoint.look(fitted(box, viewpoint.view, { padding: 48 }), options);
  }

  /** @param {Iterable<number>} steps @returns {import("../camera.js").Box | null} */
  #boxOf(steps) {
    const { layout } = this.scene;
    const boxes = layout ? [...this.picture.nodesOf(steps)].map((node) => boxOf(layout, node)) : [];
    return around(boxes);
  }

  /** Where a step stands now, also one that the document does not place. @param {number} step @returns {Point | null} */
  placeOf(step) {
    return step >= 0 && step < this.picture.x.length ? this.picture.placeOf(step) : null;
  }

  /** @returns {Point[]} where each step stands */
  positions() {
    return Array.from(this.picture.x, (_, step) => this.picture.placeOf(step));
  }

  /** The automatic layout; nothing is moved by it. @param {Iterable<number> | null} steps null for all
   * @returns {Promise<[number, Point][]>} */
  layoutOf(steps) {
    const { model, x, y } = this.picture;
    return arranged(model, x, y, [...steps ?? model.nodes.keys()].sort((a, b) => a - b));
  }

  /** @returns {string} the whole picture as an SVG that stands by itself */
  toSVG() {
    return pictureAsSvg(this);
  }

  /** @param {string} sentence */
  say(sentence) {
    this.graph.announcer.say(sentence);
  }

  /** @param {string} type @param {object} detail */
  tell(type, detail) {
    this.graph.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }

  /** @param {import("../gestures/gestures.js").Point} at @param {PointerEvent} event */
  #press(at, event) {
    // From now on the person says where to look: a panel that opens must not move what is under the pointer.
    const { viewpoint } = this.scene;
    viewpoint.fitting = false;
    if (viewpoint.glide) viewpoint.look(viewpoint.camera);
    if (!this.enabled || event.button !== 0) return null;
    return new PressingThing(this, this.pointing.thingAt(at, event.target), at, event);
  }

  /** @param {import("../paint/cards.js").Card} card @param {number} node */
  #dress(card, node) {
    const steps = this.picture.stepsOf(node);
    const isGroup = this.picture.steps.bundleAt(node) !== null;
    dress(card, steps.map((step) => this.picture.shown.nodes[step]), isGroup, this.choice.has(node));
    card.button.toggleAttribute("data-target", node === this.connecting.target);
  }

  /** Lines and handles keep their size on the screen. @param {number} scale */
  #setPixel(scale) {
    if (scale === this.scale) return;
    this.scale = scale;
    for (const { style } of [this.front, this.back]) style.setProperty("--graph-pixel", `${1 / scale}px`);
  }

  #afterFrame() {
    const { scene, movement } = this;
    this.front.style.transform = this.back.style.transform = scene.world.style.transform;
    this.#setPixel(scene.viewpoint.camera.scale);
    if (movement.lifted) this.carried.paint(movement.dx, movement.dy);
    this.pointing.showPorts();
  }
}

/** To look into it; the document stays as it is. @param {Shown} shown @param {string} name @returns {Shown} */
const withGroupToggled = (shown, name) => ({
  ...shown, groups: shown.groups?.map((group) => (group.name === name ? { ...group, collapsed: !group.collapsed } : group)),
});

/** @param {string} className */
function layer(className) {
  const made = document.createElement("div");
  made.className = className;
  return made;
}
