/** The graph that a document says: its edges, what comes before and after a step, and whether an edge would close a circle. */

import { stepsByName } from "./document.js";
import { stepsIn } from "./references.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Step} Step
 * @typedef {{parent: string, child: string, kind: "order" | "reference" | "both"}} Edge by order, by a reference in the child, or both
 */

/** The fields of a step whose references make parents of the steps that they name. */
export const REFERRING = Object.freeze(["parameters", "queue", "when", "for_each"]);

/** @type {WeakMap<Step, ReadonlyMap<string, Edge["kind"]>>} */
const known = new WeakMap();

/**
 * A step's parents by name, whether there are such steps or not.
 * @param {Step} step @returns {ReadonlyMap<string, Edge["kind"]>}
 */
export function parentsOf(step) {
  let kinds = known.get(step);
  if (!kinds) {
    kinds = readParents(step);
    known.set(step, kinds);
  }
  return kinds;
}

/** @param {Step} step */
function readParents(step) {
  /** @type {Map<string, Edge["kind"]>} */
  const kinds = new Map();
  for (const name of Array.isArray(step.parents) ? step.parents : []) kinds.set(name, "order");
  for (const field of REFERRING) {
    if (step[field] === undefined) continue;
    for (const name of stepsIn(step[field])) {
      const known = kinds.get(name);
      kinds.set(name, known && known !== "reference" ? "both" : "reference");
    }
  }
  return kinds;
}

/** The edges between steps that exist, by child in the document's order. @param {Document} document @returns {Edge[]} */
export function edgesOf(document) {
  const steps = stepsByName(document);
  const edges = [];
  for (const step of steps.values()) {
    for (const [parent, kind] of parentsOf(step)) if (steps.has(parent)) edges.push({ parent, child: step.name, kind });
  }
  return edges;
}

/** An edge as one text, and back. @param {string} parent @param {string} child */
export const edgeKey = (parent, child) => JSON.stringify([parent, child]);

/** @param {string} key @returns {[parent: string, child: string]} */
export const edgeOfKey = (key) => JSON.parse(key);

/** @type {WeakMap<readonly Step[], Map<string, string[]>>} */
const below = new WeakMap();

/** The steps' children by name. @param {Document} document @returns {ReadonlyMap<string, readonly string[]>} */
export function childrenByName(document) {
  let children = below.get(document.steps);
  if (!children) {
    children = new Map();
    for (const { parent, child } of edgesOf(document)) {
      const found = children.get(parent);
      if (found) found.push(child);
      else children.set(parent, [child]);
    }
    below.set(document.steps, children);
  }
  return children;
}

/**
 * All steps that come before a step, without itself.
 * @param {Document} document @param {string} name @returns {Set<string>}
 */
export function upstreamOf(document, name) {
  const steps = stepsByName(document);
  const above = (/** @type {string} */ one) => {
    const step = steps.get(one);
    return step ? [...parentsOf(step).keys()].filter((parent) => steps.has(parent)) : [];
  };
  return reached(name, above);
}

/**
 * All steps that come after a step, without itself.
 * @param {Document} document @param {string} name @returns {Set<string>}
 */
export function downstreamOf(document, name) {
  const children = childrenByName(document);
  return reached(name, (one) => children.get(one) ?? []);
}

/** @param {string} from @param {(name: string) => Iterable<string>} next @returns {Set<string>} */
function reached(from, next) {
  const found = new Set();
  const waiting = [from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const one of next(name)) {
      if (one === from || found.has(one)) continue;
      found.add(one);
      waiting.push(one);
    }
  }
  return found;
}

/**
 * The circle that an edge from parent to child would close, from the child's way down to the parent and back to the
 * child; the shortest there is. Null when there is none.
 * @param {Document} document @param {string} parent @param {string} child @returns {string[] | null}
 */
export function cyclePath(document, parent, child) {
  if (parent === child) return [child, child];
  const children = childrenByName(document);
  /** @type {Map<string, string>} */
  const cameFrom = new Map([[child, child]]);
  const waiting = [child];
  for (const name of waiting) {
    for (const next of children.get(name) ?? []) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, name);
      if (next === parent) return [...wayTo(cameFrom, parent, child), child];
      waiting.push(next);
    }
  }
  return null;
}

/** @param {ReadonlyMap<string, string>} cameFrom @param {string} end @param {string} start */
function wayTo(cameFrom, end, start) {
  const way = [end];
  for (let name = end; name !== start; way.push(name)) name = cameFrom.get(name) ?? start;
  return way.reverse();
}
