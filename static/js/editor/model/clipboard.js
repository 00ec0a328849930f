/**
 * Steps as JSON text, to be taken to another place or another pipeline. The text is a document of its own: with the
 * parameters of the run that its steps refer to, their groups and their places.
 */

import { freeName, isEditable, NotPossible, positionOf, stepsByName, withPart } from "./document.js";
import { orderOf, withParents } from "./edges.js";
import { isObject } from "./json.js";
import { referencesIn } from "./references.js";
import { renamedIn } from "./steps.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Step} Step
 * @typedef {import("./document.js").Point} Point
 */

const NOT_STEPS = "This is no text of copied steps.";

/** @param {Document} document @param {Iterable<string>} names @returns {string} JSON text */
export const copyText = (document, names) => JSON.stringify(partOf(document, new Set(names)), null, 2);

/** The document of some of the steps. @param {Document} document @param {ReadonlySet<string>} names @returns {Document} */
function partOf(document, names) {
  const steps = document.steps.filter((step) => names.has(step.name));
  const references = referencesIn(steps).filter(({ source, what }) => source === "pipeline" && what === "parameters");
  const asked = new Set(references.map(({ path }) => path[0]));
  const groups = new Set(steps.map((step) => step.group));
  const places = steps.map(({ name }) => [name, positionOf(document, name)]).filter(([, at]) => at);
  let part = /** @type {Document} */ ({ schema: 1, steps });
  part = withPart(part, "parameters", (document.parameters ?? []).filter((/** @type {any} */ one) => asked.has(one.name)));
  part = withPart(part, "groups", (document.groups ?? []).filter((one) => groups.has(one.name)));
  return withPart(part, "layout", Object.fromEntries(places));
}

/**
 * Adds the steps of a text under free names; `newSteps(before, after)` tells which. What they say of each other holds
 * among the copies. Parents outside of them are kept with `withParents`, where there are such.
 * @param {Document} document @param {string} text @param {Point | null} [at] where the upper left one shall stand
 * @param {{withParents?: boolean}} [options] @returns {Document}
 */
export function paste(document, text, at = null, { withParents: outside = false } = {}) {
  const part = partFrom(text);
  const corner = cornerOf(part);
  const [dx, dy] = at && corner ? [at[0] - corner[0], at[1] - corner[1]] : [0, 0];
  return withPartOf(document, part, { dx, dy, outside });
}

/**
 * Puts copies beside their originals, after the same parents.
 * @param {Document} document @param {Iterable<string>} names @param {Point} [offset] @returns {Document}
 */
export function duplicate(document, names, [dx, dy] = [40, 40]) {
  return withPartOf(document, partOf(document, new Set(names)), { dx, dy, outside: true });
}

/** @param {string} text @returns {Document} */
function partFrom(text) {
  let part;
  try {
    part = JSON.parse(text);
  } catch {
    throw new NotPossible(NOT_STEPS);
  }
  if (!isEditable(part) || !part.steps.length) throw new NotPossible(NOT_STEPS);
  return part;
}

/** @param {Document} part @returns {Point | null} */
function cornerOf(part) {
  const places = part.steps.map(({ name }) => positionOf(part, name)).filter((at) => at !== null);
  return places.length ? [Math.min(...places.map(([x]) => x)), Math.min(...places.map(([, y]) => y))] : null;
}

/**
 * @param {Document} document @param {Document} part @param {{dx: number, dy: number, outside: boolean}} how
 * @returns {Document}
 */
function withPartOf(document, part, { dx, dy, outside }) {
  const names = freeNames(document, part);
  const isKept = (/** @type {string} */ name) => names.has(name) || (outside && stepsByName(document).has(name));
  const copies = part.steps.map((step) => {
    const inside = withParents(step, orderOf(step).filter(isKept));
    return { ...renamedIn(inside, names), name: names.get(step.name) ?? step.name };
  });
  const places = part.steps.map(({ name }) => [names.get(name), positionOf(part, name)]);
  const moved = places.flatMap(([name, at]) => (at ? [[name, [Number(at[0]) + dx, Number(at[1]) + dy]]] : []));
  const added = { ...document, steps: [...document.steps, ...copies] };
  const placed = withPart(added, "layout", { ...document.layout, ...Object.fromEntries(moved) });
  return withMissing(withMissing(placed, part, "parameters"), part, "groups");
}

/** @param {Document} document @param {Document} part @returns {Map<string, string>} */
function freeNames(document, part) {
  const taken = new Set(stepsByName(document).keys());
  const names = new Map();
  for (const { name } of part.steps) {
    const free = freeName(taken, name);
    taken.add(free);
    names.set(name, free);
  }
  return names;
}

/**
 * Adds what the part has in a list of named things and the document lacks.
 * @param {Document} document @param {Document} part @param {"parameters" | "groups"} key
 */
function withMissing(document, part, key) {
  const known = new Set((document[key] ?? []).map((/** @type {any} */ one) => one.name));
  const missing = (Array.isArray(part[key]) ? part[key] : []).filter((one) => isObject(one) && !known.has(one.name));
  return missing.length ? { ...document, [key]: [...(document[key] ?? []), ...missing] } : document;
}
