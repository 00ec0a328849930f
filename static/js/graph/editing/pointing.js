/**
 * What is under the pointer: which thing that is, what lights up there, the ports, the menu.
 */

import { toWorld } from "../camera.js";
import { portOf } from "./connection.js";
import { edgeNear } from "./edge_hit.js";
import { groupAt } from "./groups.js";
import { heldAt, nodeNow } from "./kept_cards.js";
import { isCorner, noteAt } from "./notes.js";
import { Picture } from "./picture.js";
import { Ports } from "./ports.js";

/**
 * @typedef {import("../gestures/gestures.js").Point} Point
 * @typedef {import("./gestures/pressing.js").Thing} Thing
 */

const EDGE_REACH_PIXELS = 7;
const END_REACH_PIXELS = 24;

export class Pointing {
  /** @param {import("./editing.js").Editing} editing */
  constructor(editing) {
    this.editing = editing;
    this.ports = new Ports(editing.front);
    /** @type {number | null} */
    this.edge = null;
    this.node = -1;
    this.#listen(editing.scene.stage);
  }

  /** @param {HTMLElement} stage */
  #listen(stage) {
    stage.addEventListener("pointermove", (event) => this.#hover(event));
    stage.addEventListener("pointerleave", () => this.#hoverOver({ kind: "nothing" }));
    stage.addEventListener("focusin", () => this.showPorts());
    stage.addEventListener("focusout", () => this.showPorts());
    stage.addEventListener("contextmenu", (event) => this.#menu(event));
    stage.addEventListener("dblclick", (event) => this.#doubleClick(event));
    // A handle must not take the focus away from its card.
    this.editing.front.addEventListener("mousedown", (event) => event.preventDefault());
  }

  /** @param {Point} at @param {EventTarget | null} target @returns {Thing} */
  thingAt(at, target) {
    const forwards = this.ports.forwardsAt(target);
    if (forwards !== null) return { kind: "port", node: this.ports.node, forwards };
    const node = this.editing.scene.stepAt(at.x, at.y);
    if (node !== null) return { kind: "node", node };
    const note = noteAt(target);
    if (note !== null && isCorner(target)) return { kind: "note", note, corner: true };
    const edge = this.edgeAt(at);
    if (edge !== null) return { kind: "edge", edge, end: this.#endAt(edge, at) };
    if (note !== null) return { kind: "note", note, corner: false };
    const name = groupAt(target);
    return name === null ? { kind: "nothing" } : { kind: "group", name };
  }

  /** @param {Point} at @returns {number | null} */
  edgeAt(at) {
    const { scene, carried } = this.editing;
    const { model, layout, viewpoint } = scene;
    if (!model || !layout) return null;
    const [x, y] = toWorld(viewpoint.camera, at.x, at.y);
    const reach = EDGE_REACH_PIXELS / viewpoint.camera.scale;
    const near = carried.edges.grid.find({ left: x - reach, right: x + reach, top: y - reach, bottom: y + reach });
    return edgeNear(model, layout, near, x, y, reach);
  }

  /** Which end of an edge is near enough to be taken. @param {number} edge @param {Point} at @returns {"parent" | "child" | null} */
  #endAt(edge, at) {
    const { model, layout, viewpoint } = this.editing.scene;
    if (!model || !layout) return null;
    const [x, y] = toWorld(viewpoint.camera, at.x, at.y);
    const isNear = (/** @type {number} */ node, /** @type {boolean} */ out) => {
      const [portX, portY] = portOf(layout, node, out);
      return Math.hypot(portX - x, portY - y) * viewpoint.camera.scale <= END_REACH_PIXELS;
    };
    if (isNear(model.childOfEdge[edge], false)) return "child";
    return isNear(model.parents[edge], true) ? "parent" : null;
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    const { graph, scene, connecting } = this.editing;
    if (graph.gestures.current || event.pointerType === "touch") return;
    const at = this.pointOf(event);
    // A picture that moves under a still pointer must not take the aim away from the keys.
    if (connecting.current && !event.movementX && !event.movementY) return;
    if (connecting.current) connecting.current.aim(scene.stepAt(at.x, at.y), toWorld(scene.viewpoint.camera, at.x, at.y));
    else this.#hoverOver(this.thingAt(at, event.target));
  }

  /** @param {Thing} thing */
  #hoverOver(thing) {
    const { overlay, scene, enabled, picture } = this.editing;
    const edge = thing.kind === "edge" ? thing.edge : null;
    if (edge !== this.edge && scene.model && scene.layout) {
      this.edge = edge;
      overlay.showHovered(scene.model, scene.layout, edge);
      overlay.showEnds(scene.model, scene.layout, edge !== null && enabled && picture.canTake(edge) ? edge : null);
      scene.stage.toggleAttribute("data-over-edge", edge !== null);
    }
    this.node = thing.kind === "node" || thing.kind === "port" ? thing.node : -1;
    this.showPorts();
  }

  /** What the pointer is over, before other things have these numbers. @returns {import("./kept_cards.js").Held | null} */
  letGo() {
    const { steps } = this.editing.picture;
    const held = this.node >= 0 ? heldAt(steps, this.node) : null;
    this.#hoverOver({ kind: "nothing" });
    return held;
  }

  /** A pointer that rests does not tell that it is still there. @param {import("./kept_cards.js").Held | null} held
   * @param {Int32Array} numbers new ones of the old steps */
  goOn(held, numbers) {
    this.node = held ? nodeNow(this.editing.picture.steps, held, numbers) : -1;
    this.showPorts();
  }

  /** On the card under the pointer, else on the one with the focus. */
  showPorts() {
    const { scene, movement, connecting, enabled, picture } = this.editing;
    const { model, layout, viewpoint } = scene;
    const node = this.node >= 0 || !scene.cards.hasFocus() ? this.node : scene.current;
    const shown = enabled && !movement.lifted && !connecting.current && node >= 0 && !picture.steps.bundleAt(node);
    this.ports.show(layout, shown ? node : -1, model?.nodes[node]?.name ?? "", viewpoint.camera.scale);
  }

  /** @param {MouseEvent} event */
  #menu(event) {
    const at = this.pointOf(event);
    const thing = this.thingAt(at, event.target);
    const { picture } = this.editing;
    event.preventDefault();
    this.editing.tell("edit-menu", {
      step: thing.kind === "node" || thing.kind === "port" ? picture.steps.stepOf(thing.node) : null,
      edge: thing.kind === "edge" ? picture.edgeOf(thing.edge) : null,
      note: thing.kind === "note" ? thing.note : null, ...this.place(at),
    });
  }

  /** @param {MouseEvent} event */
  #doubleClick(event) {
    const at = this.pointOf(event);
    if (this.editing.enabled && this.thingAt(at, event.target).kind === "nothing") this.editing.tell("edit-add", this.place(at));
  }

  /** @param {MouseEvent} event @returns {Point} */
  pointOf(event) {
    const { left, top } = this.editing.scene.stage.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  /** A point of the stage as events tell it; `at` is the corner of a card that would have its middle there. @param {Point} point */
  place(point) {
    const { scene } = this.editing;
    const { left, top } = scene.stage.getBoundingClientRect();
    return {
      at: Picture.cornerFor(toWorld(scene.viewpoint.camera, point.x, point.y)),
      clientX: point.x + left, clientY: point.y + top,
    };
  }
}
