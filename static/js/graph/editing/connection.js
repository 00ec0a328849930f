/**
 * An edge that is being made, by pointer or by keyboard: from one step forwards to a child or backwards to a parent.
 * What it may not lead to fades; the line follows what is aimed at.
 */

import { nextTarget } from "./next_target.js";
import { possibleTargets, refusal, withoutEdge } from "./targets.js";

/**
 * @typedef {[number, number]} Point
 * @typedef {{parent: number, child: number}} Edge
 * @typedef {{step: number, forwards: boolean, replaces?: Edge | null}} Beginning  `replaces`: an edge one end of which is moved
 */

export class Connection {
  /** @param {import("./editing.js").Editing} editing @param {Beginning} beginning */
  constructor(editing, { step, forwards, replaces = null }) {
    this.editing = editing;
    this.step = step;
    this.forwards = forwards;
    this.replaces = replaces;
    /** @type {number | null} the node that is aimed at */
    this.node = null;
    this.aimedStep = -1;
    /** @type {Point} where the pointer is, in the world */
    this.at = [0, 0];
    const { picture } = editing;
    this.model = replaces ? withoutEdge(picture.model, replaces) : picture.model;
    this.possible = possibleTargets(this.model, step, forwards);
    // A closed group is not one step, so no edge can end at it.
    picture.shown.nodes.forEach((_, index) => { if (picture.steps.bundleAt(picture.steps.nodeOf(index))) this.possible[index] = 0; });
    const lit = this.possible.slice();
    lit[step] = 1;
    editing.scene.stage.toggleAttribute("data-connecting", true);
    editing.scene.light(picture.steps.maskOfNodes(lit));
  }

  /** The node that it begins at. */
  get origin() {
    return this.editing.picture.steps.nodeOf(this.step);
  }

  /** By keys: at the nearest step that is possible. @returns {boolean} whether there is one */
  aimFirst() {
    return this.aimByKeys(this.forwards ? "ArrowRight" : "ArrowLeft") || this.aimByKeys("Home");
  }

  /** @param {import("../walk.js").WalkKey} key @returns {boolean} whether something is aimed at */
  aimByKeys(key) {
    const { scene, picture } = this.editing;
    const layout = /** @type {import("../layout.js").Layout} */ (scene.layout);
    const { targets } = this;
    const next = nextTarget(layout, targets, this.node ?? this.origin, key);
    if (next === null) return this.node !== null;
    this.aim(next, portOf(layout, next, !this.forwards));
    scene.reveal(next);
    const name = (/** @type {number} */ node) => picture.drawn.nodes[node].name;
    const [from, to] = this.forwards ? [this.origin, next] : [next, this.origin];
    this.editing.say(`${name(from)} to ${name(to)}? ${targets.indexOf(next) + 1} of ${targets.length}. Enter connects, Escape cancels.`);
    return true;
  }

  /** The nodes that it may lead to. @returns {number[]} */
  get targets() {
    const { steps } = this.editing.picture;
    return [...this.possible.keys()].filter((step) => this.possible[step]).map((step) => steps.nodeOf(step));
  }

  /** @param {number | null} node @param {Point} at where the pointer is, in the world */
  aim(node, at) {
    const { scene, overlay } = this.editing;
    const { origin } = this;
    this.node = node === origin ? null : node;
    this.aimedStep = this.node === null ? -1 : this.editing.picture.steps.stepOf(this.node);
    this.at = at;
    const good = this.node !== null && this.isPossible(this.node);
    const layout = /** @type {import("../layout.js").Layout} */ (scene.layout);
    const [start, end] = [portOf(layout, origin, this.forwards), good && this.node !== null ? portOf(layout, this.node, !this.forwards) : at];
    const state = this.node === null ? "" : good ? "good" : "bad";
    if (this.forwards) overlay.showLine(start, end, state);
    else overlay.showLine(end, start, state);
    this.editing.connecting.markTarget(good ? this.node : null);
  }

  /** @param {number} node */
  isPossible(node) {
    const { steps } = this.editing.picture;
    return !steps.bundleAt(node) && this.possible[steps.stepOf(node)] === 1;
  }

  /** The edge to a node. @param {number} node @returns {Edge} */
  edgeTo(node) {
    const other = this.editing.picture.steps.stepOf(node);
    return this.forwards ? { parent: this.step, child: other } : { parent: other, child: this.step };
  }

  /** Why a node is not possible. @param {number} node @returns {string} */
  sentenceFor(node) {
    const { steps } = this.editing.picture;
    const bundle = steps.bundleAt(node);
    if (bundle) return `${bundle.name} is a closed group: open it to connect one of its steps.`;
    const { parent, child } = this.edgeTo(node);
    return refusal(this.model, parent, child) ?? "";
  }

  end() {
    const { scene, overlay } = this.editing;
    scene.stage.toggleAttribute("data-connecting", false);
    scene.light(null);
    overlay.showLine(null);
    this.editing.connecting.markTarget(null);
  }
}

/** @param {import("../layout.js").Layout} layout @param {number} node @param {boolean} out @returns {Point} */
export const portOf = ({ x, y, nodeWidth, nodeHeight }, node, out) =>
  [x[node] + (out ? nodeWidth : 0), y[node] + nodeHeight / 2];
