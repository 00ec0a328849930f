/**
 * Bundles: steps that may be shown as one card. Groups are the document's; stacks are like steps, found here, so that
 * a big picture can be read; fans are fan-outs with their items, closed until somebody opens them. Folding gives a smaller model, and the way from its nodes to the steps and back. Pure.
 */

import { isItem } from "./fans.js";
import { ranksOf } from "./layout/ranks.js";
import { buildModel, childrenOf, parentsOf } from "./model.js";

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {{key: string, name: string, title?: string, kind: "group" | "stack" | "fan", steps: number[], counted?: number[]}} Bundle
 *   `counted` are those of its steps that it tells of, if not all: of a fan its items, not itself, which comes first
 * @typedef {object} Folded
 * @property {Model} model           what is drawn
 * @property {Int32Array} nodeOf     the node that shows each step
 * @property {Int32Array} first      the first step of each node
 * @property {(Bundle | null)[]} bundles  of each node that stands for several steps
 */

/** From so many steps on a chart collapses by itself. */
export const MANY_STEPS = 120;
/** So many cards can be read; with more, stacks are made of what is less alike. */
export const READABLE = 300;
const LEAST = 3;

/** The document's groups. @param {Model} model @returns {Bundle[]} */
export function groupsOf(model) {
  const members = gathered(model, (step) => model.nodes[step].group ?? null);
  return [...members].filter(([, steps]) => steps.length > 1).map(([name, steps]) => ({ key: `group ${name}`, name, kind: "group", steps }));
}

/**
 * Stacks of like steps. 1. The same template, parents and children: the items of a fan-out. 2. If the picture is
 * still too big: the same template at the same distance from the start.
 * Neither can make a circle: two steps of one stack never lead to each other, and distances only grow.
 * @param {Model} model @returns {Bundle[]}
 */
export function stacksOf(model) {
  if (model.nodes.filter((node) => !isItem(node)).length <= MANY_STEPS) return [];
  const exact = stacksBy(model, (step) => `${parentsOf(model, step).join(" ")}|${childrenOf(model, step).join(" ")}`);
  const hidden = exact.reduce((sum, { steps }) => sum + steps.length - 1, 0);
  if (model.size - hidden <= READABLE) return exact;
  const rank = ranksOf(model);
  return stacksBy(model, (step) => `rank ${rank[step]}`);
}

/** Fan-outs that have been spread out, the outermost first. @param {Model} model @returns {Bundle[]} */
export function fansOf(model) {
  const items = gathered(model, (step) => (isItem(model.nodes[step]) ? String(model.nodes[step].of) : null));
  /** @param {number} step @returns {number[]} */
  const below = (step) => (items.get(String(step)) ?? []).flatMap((item) => [item, ...below(item)]);
  return [...items.keys()].map(Number).sort((a, b) => a - b).map((step) => ({
    key: `fan ${model.nodes[step].name}`, name: model.nodes[step].name, kind: "fan",
    steps: [step, ...below(step)], counted: items.get(String(step)) ?? [],
  }));
}

/** @param {Model} model @param {(step: number) => string} shape @returns {Bundle[]} */
function stacksBy(model, shape) {
  const heads = new Set(model.nodes.map(({ of }) => of));
  const members = gathered(model, (step) => {
    if (isItem(model.nodes[step]) || heads.has(step)) return null;
    const { template, kind, group } = model.nodes[step];
    return `${group ?? ""}|${template ?? kind ?? ""}|${shape(step)}`;
  });
  return [...members.values()].filter((steps) => steps.length >= LEAST)
    .map((steps) => ({ key: `stack ${steps[0]}`, name: stackName(model, steps), kind: "stack", steps }));
}

/** @param {Model} model @param {(step: number) => string | null} keyOf @returns {Map<string, number[]>} */
function gathered(model, keyOf) {
  /** @type {Map<string, number[]>} */
  const members = new Map();
  for (let step = 0; step < model.size; step += 1) {
    const key = keyOf(step);
    if (key === null) continue;
    const found = members.get(key);
    if (found) found.push(step);
    else members.set(key, [step]);
  }
  return members;
}

/** What the names begin with, else the template. @param {Model} model @param {number[]} steps */
function stackName(model, steps) {
  let common = model.nodes[steps[0]].name;
  for (const step of steps) {
    const { name } = model.nodes[step];
    let length = 0;
    while (length < common.length && common[length] === name[length]) length += 1;
    common = common.slice(0, length);
  }
  const bare = common.replace(/[\s\d_.:#([{/-]+$/, "");
  const { template, kind } = model.nodes[steps[0]];
  return bare.length >= 2 ? bare : (template?.split("/").at(-1) ?? kind ?? "steps");
}

/**
 * The model with the closed bundles as single nodes. A step in a closed group is shown by the group, else by its
 * closed stack, else by itself. Groups that would make a circle stay open.
 * @param {Model} model @param {Bundle[]} bundles @param {ReadonlySet<string>} closed keys @returns {Folded}
 */
export function fold(model, bundles, closed) {
  const wanted = bundles.filter(({ key }) => closed.has(key));
  for (;;) {
    if (wanted.length === 0) return unfolded(model);
    const folded = merged(model, wanted);
    const circle = inCircle(folded);
    if (circle.size === 0) return folded;
    const kept = wanted.filter((bundle) => !(bundle.kind === "group" && circle.has(bundle)));
    wanted.splice(0, wanted.length, ...kept);
  }
}

/** @param {Model} model @returns {Folded} */
export function unfolded(model) {
  const steps = Int32Array.from({ length: model.size }, (_, step) => step);
  return { model, nodeOf: steps, first: steps, bundles: new Array(model.size).fill(null) };
}

/** @param {Model} model @param {Bundle[]} closed @returns {Folded} */
function merged(model, closed) {
  /** @type {(Bundle | null)[]} */
  const shownBy = new Array(model.size).fill(null);
  // Whatever encloses another comes later, and has the last word.
  const inwards = [...closed].reverse();
  for (const kind of ["stack", "fan", "group"]) {
    for (const bundle of inwards) if (bundle.kind === kind) for (const step of bundle.steps) shownBy[step] = bundle;
  }
  const nodeOf = new Int32Array(model.size);
  /** @type {Map<Bundle, number>} */
  const places = new Map();
  /** @type {number[]} */
  const first = [];
  /** @type {(Bundle | null)[]} */
  const shown = [];
  for (let step = 0; step < model.size; step += 1) {
    const bundle = shownBy[step];
    const known = bundle ? places.get(bundle) : undefined;
    nodeOf[step] = known ?? first.length;
    if (known !== undefined) continue;
    if (bundle) places.set(bundle, first.length);
    first.push(step);
    shown.push(bundle);
  }
  return { model: quotient(model, nodeOf, first, shown), nodeOf, first: Int32Array.from(first), bundles: shown };
}

/** @param {Model} model @param {Int32Array} nodeOf @param {number[]} first @param {(Bundle | null)[]} shown */
function quotient(model, nodeOf, first, shown) {
  const parents = first.map(() => /** @type {Set<number>} */ (new Set()));
  for (let edge = 0; edge < model.parents.length; edge += 1) {
    const [from, to] = [nodeOf[model.parents[edge]], nodeOf[model.childOfEdge[edge]]];
    if (from !== to) parents[to].add(from);
  }
  const nodes = first.map((step, index) => ({
    ...model.nodes[step], index, parents: [...parents[index]],
    name: shown[index] ? bundleTitle(/** @type {Bundle} */ (shown[index])) : model.nodes[step].name,
  }));
  return buildModel({ revision: model.revision, nodes, layout: null });
}

/** @param {Bundle} bundle */
export const bundleTitle = ({ name, title = name, steps, counted = steps }) => `${title} ×${counted.length}`;

/** The bundles among which one can go round. @param {Folded} folded @returns {Set<Bundle>} */
function inCircle({ model, bundles }) {
  const waits = Int32Array.from({ length: model.size }, (_, node) => parentsOf(model, node).length);
  const ready = [...waits.keys()].filter((node) => waits[node] === 0);
  let passed = 0;
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    passed += 1;
    for (const child of childrenOf(model, node)) if ((waits[child] -= 1) === 0) ready.push(child);
  }
  /** @type {Set<Bundle>} */
  const found = new Set();
  if (passed < model.size) bundles.forEach((bundle, node) => { if (bundle && waits[node] > 0) found.add(bundle); });
  return found;
}
