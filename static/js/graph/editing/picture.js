/**
 * What the editor shows, as values: the steps' model, where each stands, which groups are one card, and so the nodes
 * that are drawn. A step that the document does not place keeps the place that it was given here.
 */

import * as folding from "../folding.js";
import { layoutGraph, placedLayout, SPACING } from "../layout.js";
import * as tally from "../tally.js";
import { isFree, placeMissing } from "./placing.js";
import { edgeKey, endsOf } from "./selection.js";
import { snapped } from "./snapping.js";

/**
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../model.js").Model} Model
 * @typedef {[number, number]} Point
 * @typedef {{name: string, title?: string, subtitle?: string, kind?: string, problem?: "" | "error" | "warning",
 *   changed?: boolean, group?: string | null}} ShownStep
 * @typedef {{text: string, at?: Point, size?: Point, colour?: string}} ShownNote
 * @typedef {{name: string, colour?: string, collapsed?: boolean, each?: boolean, steps: number[]}} ShownGroup
 * @typedef {object} Shown  what the page wants to be seen
 * @property {ShownStep[]} nodes
 * @property {{parent: number, child: number, kind?: "order" | "reference" | "both"}[]} edges
 * @property {(Point | null)[]} positions
 * @property {ShownNote[]} [notes]
 * @property {ShownGroup[]} [groups]
 */

export const ORDER = 0;
export const REFERENCE = 1;

/** A group as it is called where it is drawn; what is said first is not cut off. @param {ShownGroup} group */
export const groupTitle = ({ name, each }) => (each ? `each ${name}` : name);

/** @type {Shown} */
const EMPTY = { nodes: [], edges: [], positions: [] };

export class Picture {
  /** @param {import("../steps.js").Steps} steps */
  constructor(steps) {
    this.steps = steps;
    /** @type {Shown} */
    this.shown = EMPTY;
    /** Where each step stands. */
    this.x = new Float32Array(0);
    this.y = new Float32Array(0);
    /** Of each drawn edge: whether a value travels along it, and the edges of the document that it stands for. */
    this.kinds = new Uint8Array(0);
    /** @type {string[][]} */
    this.keys = [];
  }

  /** @param {Shown} shown @returns {Int32Array} the new number of each old step, -1 for those that have gone */
  show(shown) {
    const before = this.shown;
    const numbers = renumbered(before.nodes, shown.nodes);
    const known = this.#known(shown, numbers);
    this.shown = shown;
    this.steps.setGraph(graphOf(shown));
    this.steps.tools = { ...folding, ...tally };
    this.steps.bundles = (shown.groups ?? []).filter(({ steps }) => steps.length)
      .map((group) => ({ key: `group ${group.name}`, name: group.name, title: groupTitle(group), kind: "group", steps: group.steps }));
    this.steps.wishes = new Map((shown.groups ?? []).map(({ name, collapsed }) => [`group ${name}`, collapsed === true]));
    this.steps.fold();
    this.#place(known);
    this.#nameEdges();
    return numbers;
  }

  /** @returns {Model} of the steps */
  get model() {
    return /** @type {Model} */ (this.steps.model);
  }

  /** @returns {Model} of what is drawn */
  get drawn() {
    return this.steps.folded?.model ?? this.model;
  }

  /** The places in the document, else those of the picture before. @param {Shown} shown @param {Int32Array} numbers */
  #known(shown, numbers) {
    /** @type {(Point | null)[]} */
    const known = shown.positions.slice(0, shown.nodes.length);
    numbers.forEach((now, old) => {
      if (now >= 0) known[now] ??= [this.x[old], this.y[old]];
    });
    return known;
  }

  /** @param {(Point | null | undefined)[]} known */
  #place(known) {
    const { model } = this;
    this.x = Float32Array.from({ length: model.size }, (_, step) => known[step]?.[0] ?? NaN);
    this.y = Float32Array.from({ length: model.size }, (_, step) => known[step]?.[1] ?? NaN);
    const missing = [...this.x.keys()].filter((step) => Number.isNaN(this.x[step]));
    if (missing.length * 2 > model.size) this.#layOut(missing);
    placeMissing(model, this.x, this.y);
  }

  /** When most steps have no place the few that have one do not say how the picture is; who would stand on one of them
   * is left to be placed beside it. @param {number[]} missing */
  #layOut(missing) {
    const placed = [...this.x.keys()].filter((step) => !Number.isNaN(this.x[step]));
    try {
      const { x, y } = layoutGraph(this.model);
      for (const step of missing) {
        const at = /** @type {Point} */ ([snapped(x[step]), snapped(y[step])]);
        if (isFree(at, this.x, this.y, placed)) [this.x[step], this.y[step]] = at;
      }
    } catch {
      // A circle has no layers; its steps are placed one by one.
    }
  }

  #nameEdges() {
    const { model, drawn, steps } = this;
    this.kinds = new Uint8Array(drawn.parents.length);
    this.keys = Array.from(this.kinds, () => []);
    /** @type {Map<string, number>} */
    const numbers = new Map();
    for (let edge = 0; edge < drawn.parents.length; edge += 1) numbers.set(edgeKey(drawn.parents[edge], drawn.childOfEdge[edge]), edge);
    const kinds = new Map(this.shown.edges.map(({ parent, child, kind }) => [edgeKey(parent, child), kind]));
    for (let edge = 0; edge < model.parents.length; edge += 1) {
      const [parent, child] = [model.parents[edge], model.childOfEdge[edge]];
      const number = numbers.get(edgeKey(steps.nodeOf(parent), steps.nodeOf(child)));
      if (number === undefined) continue;
      const key = edgeKey(parent, child);
      this.keys[number].push(key);
      if ((kinds.get(key) ?? "order") !== "order") this.kinds[number] = REFERENCE;
    }
  }

  /** Whether a group may be opened or closed: one that a way leaves and enters again would wait for itself. @param {string} name */
  canToggle(name) {
    const { steps, model } = this;
    const key = `group ${name}`;
    const closed = new Set([...steps.wishes].filter(([, wish]) => wish).map(([wished]) => wished));
    if (closed.has(key)) return true;
    return folding.fold(model, steps.bundles, closed.add(key)).bundles.some((bundle) => bundle?.key === key);
  }

  /** Where the nodes stand: a step at its place, a closed group at the corner of its steps. @returns {Layout} */
  layoutOfNodes() {
    const { x, y, drawn, steps } = this;
    if (!steps.folded) return placedLayout(x.slice(), y.slice(), drawn.parents.length);
    const left = Float32Array.from({ length: drawn.size }, (_, node) => this.#corner(node, x));
    const top = Float32Array.from({ length: drawn.size }, (_, node) => this.#corner(node, y));
    return placedLayout(left, top, drawn.parents.length);
  }

  /** @param {number} node @param {Float32Array} places */
  #corner(node, places) {
    return Math.min(...this.stepsOf(node).map((step) => places[step]));
  }

  /** All that a node stands for. @param {number} node @returns {number[]} */
  stepsOf(node) {
    return this.steps.bundleAt(node)?.steps ?? [this.steps.stepOf(node)];
  }

  /** @param {Iterable<number>} steps @returns {Set<number>} */
  nodesOf(steps) {
    return new Set([...steps].map((step) => this.steps.nodeOf(step)).filter((node) => node >= 0));
  }

  /** The drawn edges that stand for one of these. @param {ReadonlySet<string>} keys @returns {number[]} */
  edgesOf(keys) {
    if (keys.size === 0) return [];
    return [...this.keys.keys()].filter((edge) => this.keys[edge].some((key) => keys.has(key)));
  }

  /** The edge of the document that a drawn one stands for, the first of several. @param {number} edge */
  edgeOf(edge) {
    const [parent, child] = endsOf(this.keys[edge][0]);
    return { parent, child };
  }

  /** Whether its ends can be taken elsewhere: one edge, and no value travels along it. @param {number} edge */
  canTake(edge) {
    return this.keys[edge].length === 1 && this.kinds[edge] === ORDER;
  }

  /** @param {number} step @returns {Point} */
  placeOf(step) {
    return [this.x[step], this.y[step]];
  }

  /** The drawn nodes that have some. */
  problems() {
    const nodesWith = (/** @type {string} */ problem) => [...this.nodesOf(
      [...this.shown.nodes.keys()].filter((step) => this.shown.nodes[step].problem === problem))];
    return { errors: nodesWith("error"), warnings: nodesWith("warning") };
  }

  /** Where the steps stand that the document does not place. @returns {[number, Point][]} */
  unplaced() {
    const { positions } = this.shown;
    return [...this.x.keys()].filter((step) => !positions[step]).map((step) => [step, this.placeOf(step)]);
  }

  /** @param {Iterable<number>} steps @param {number} dx @param {number} dy */
  move(steps, dx, dy) {
    for (const step of steps) {
      this.x[step] += dx;
      this.y[step] += dy;
    }
  }

  /** The middle of a card that would stand here. @param {Point} at @returns {Point} */
  static cornerFor([x, y]) {
    return [snapped(x - SPACING.nodeWidth / 2), snapped(y - SPACING.nodeHeight / 2)];
  }
}

/** Steps are known by name; when one name among equally many has changed, that step was renamed.
 * @param {ShownStep[]} before @param {ShownStep[]} now @returns {Int32Array} */
export function renumbered(before, now) {
  const places = new Map(now.map(({ name }, step) => [name, step]));
  const numbers = Int32Array.from(before, ({ name }) => places.get(name) ?? -1);
  const gone = numbers.indexOf(-1);
  const renamed = gone >= 0 && before.length === now.length && numbers.indexOf(-1, gone + 1) < 0;
  if (renamed && !before.some(({ name }) => name === now[gone].name)) numbers[gone] = gone;
  return numbers;
}

/** @param {Shown} shown @returns {import("../model.js").GraphData} */
function graphOf({ nodes, edges }) {
  /** @type {number[][]} */
  const parents = nodes.map(() => []);
  for (const { parent, child } of edges) parents[child].push(parent);
  return {
    revision: 0, layout: null,
    nodes: nodes.map(({ name, title, subtitle, kind, group }, index) => (
      { index, name: title || name, template: subtitle || null, kind, group, parents: parents[index] })),
  };
}
