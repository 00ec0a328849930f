/**
 * The steps behind the picture: their model and states, which bundles of them are closed, and so which node of the
 * drawn graph shows which step. Folding is fetched only for charts that have something to fold.
 */

import { isItem, withItems } from "./fans.js";
import { buildModel } from "./model.js";
import { plainStates, States, statesOf } from "./states.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./folding.js").Bundle} Bundle
 * @typedef {import("./folding.js").Folded} Folded
 * @typedef {import("./states.js").StepPatch} StepPatch
 */

/** From so many steps on a chart collapses by itself. */
const MANY_STEPS = 120;

export class Steps {
  constructor() {
    /** @type {Model | null} */
    this.model = null;
    this.states = new States(0);
    /** How many steps there are without the items of fan-outs. */
    this.size = 0;
    /** Until somebody gives states, the graph shows what will be done, not how it goes. */
    this.plain = true;
    /** @type {Folded | null} null while every step is a node of its own */
    this.folded = null;
    /** @type {import("./tally.js").Tally | null} */
    this.tally = null;
    /** @type {Bundle[]} */
    this.bundles = [];
    /** @type {Map<string, boolean>} what a person has opened or closed, by the bundle's key */
    this.wishes = new Map();
    /** @type {(typeof import("./folding.js") & typeof import("./tally.js")) | null} */
    this.tools = null;
  }

  /** @param {import("./model.js").GraphData} graph */
  setGraph(graph) {
    this.model = buildModel(withItems(graph));
    this.size = this.model.nodes.filter((node) => !isItem(node)).length;
    this.states = this.plain ? plainStates(this.model) : this.states.grownTo(this.model.size);
    this.folded = null;
    this.tally = null;
    this.bundles = [];
    return this.model;
  }

  /** Finds what may be folded; small charts without groups have nothing. */
  async findBundles() {
    const { model } = this;
    if (!model || (model.size <= MANY_STEPS && !model.nodes.some((node) => node.group || isItem(node)))) return;
    this.tools ??= Object.assign({}, ...await Promise.all([import("./folding.js"), import("./tally.js")]));
    if (model === this.model) {
      this.bundles = [...this.tools.groupsOf(model), ...this.tools.stacksOf(model), ...this.tools.fansOf(model)];
    }
  }

  /** @param {Bundle} bundle */
  isClosed({ key, kind }) {
    return this.wishes.get(key) ?? (kind === "fan" || this.size > MANY_STEPS);
  }

  /** @returns {Model} what is to be drawn now */
  fold() {
    const model = /** @type {Model} */ (this.model);
    const closed = new Set(this.bundles.filter((bundle) => this.isClosed(bundle)).map(({ key }) => key));
    this.folded = closed.size && this.tools ? this.tools.fold(model, this.bundles, closed) : null;
    if (this.folded?.model === model) this.folded = null;
    this.#count();
    return this.folded?.model ?? model;
  }

  #count() {
    this.tally = this.folded && this.tools ? new this.tools.Tally(this.folded, this.states) : null;
  }

  /** The states of the nodes that are drawn. */
  get shown() {
    return this.tally?.nodes ?? this.states;
  }

  /** @param {import("./states.js").Snapshot | null} snapshot null for none */
  setStates(snapshot) {
    this.plain = snapshot === null;
    if (snapshot) this.states = statesOf(snapshot).grownTo(this.model?.size ?? 0);
    else if (this.model) this.states = plainStates(this.model);
    this.#count();
  }

  /** @param {number} step @param {StepPatch} patch @returns {number} the node to draw again */
  patch(step, patch) {
    if (this.plain) {
      this.plain = false;
      this.states = new States(this.model?.size ?? 0);
      this.#count();
    }
    if (step >= this.states.size) this.states = this.states.grownTo(step + 1);
    this.states.patch(step, patch);
    if (!this.tally) return step;
    // States that have grown are another object; the tally follows the one that it was given.
    this.tally.steps = this.states;
    return step < this.tally.counted.length ? this.tally.follow(step) : -1;
  }

  /** @param {number} step */
  nodeOf(step) {
    return this.folded && step >= 0 ? (this.folded.nodeOf[step] ?? -1) : step;
  }

  /** @param {number} node @returns {number} the step, or the first of the bundle's steps */
  stepOf(node) {
    return this.folded && node >= 0 ? this.folded.first[node] : node;
  }

  /** The closed bundle that a node shows. @param {number} node @returns {Bundle | null} */
  bundleAt(node) {
    return this.folded?.bundles[node] ?? null;
  }

  /** The innermost open bundle of a step. @param {number} step @returns {Bundle | null} */
  openBundleOf(step) {
    return this.bundles.filter((bundle) => !this.isClosed(bundle) && bundle.steps.includes(step)).at(-1) ?? null;
  }

  /** @param {Uint8Array | null} mask by step @returns {Uint8Array | null} by node: a bundle is lit when one of its steps is */
  maskOfNodes(mask) {
    if (!mask || !this.folded) return mask;
    const nodes = new Uint8Array(this.folded.model.size);
    mask.forEach((lit, step) => { if (lit) nodes[this.nodeOf(step)] = 1; });
    return nodes;
  }
}
