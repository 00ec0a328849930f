/**
 * A pipeline's document as the editor reads it: steps by name, their faults, free names. The document is plain JSON
 * that is never changed; what changes it gives another one that shares what stayed the same.
 */

import { isObject, withKey } from "./json.js";

/**
 * @typedef {import("./json.js").Json} Json
 * @typedef {Json & {name: string}} Step
 * @typedef {readonly [number, number]} Point
 * @typedef {Json & {schema: number, steps: readonly Step[], layout?: Record<string, Point>, notes?: readonly Json[], groups?: readonly Json[]}} Document
 */

export const EMPTY = /** @type {Document} */ (Object.freeze({ schema: 1, steps: Object.freeze([]) }));

const NAME_LENGTH = 128;
const NAME = /^[\p{L}\p{N}_\-. ]+$/u;
const RESERVED = new Set(["pipeline", "item"]);

/** How a catalog names the pipeline of a nested step: a template may have the same name. @param {string} name */
export const pipelineKey = (name) => `pipeline:${name}`;

/** What was asked for cannot be; its message is a sentence for people. */
export class NotPossible extends Error {}

/** @param {unknown} list */
const areObjects = (list) => Array.isArray(list) && list.every(isObject);

/**
 * Whether a value has the bones of a document, so that it can be drawn and edited; a draft may hold anything.
 * @param {any} value @returns {value is Document}
 */
export function isEditable(value) {
  if (!isObject(value) || !areObjects(value.steps)) return false;
  const isStep = (/** @type {any} */ step) => typeof step.name === "string" && Array.isArray(step.parents ?? []);
  if (!value.steps.every(isStep)) return false;
  const objects = [value.layout ?? {}, value.run ?? {}, value.defaults ?? {}, value.outputs ?? {}];
  return objects.every(isObject) && ["parameters", "groups", "notes"].every((key) => areObjects(value[key] ?? []));
}

/** @type {readonly Step[]} */
const NO_STEPS = Object.freeze([]);

/** @type {WeakMap<readonly Step[], Map<string, Step>>} */
const indexes = new WeakMap();

/** The steps by their names, of equal ones the first. @param {Document} document @returns {ReadonlyMap<string, Step>} */
export function stepsByName(document) {
  const steps = Array.isArray(document.steps) ? document.steps : NO_STEPS;
  let found = indexes.get(steps);
  if (!found) {
    found = new Map();
    for (const step of steps) if (isObject(step) && !found.has(step.name)) found.set(step.name, /** @type {Step} */ (step));
    indexes.set(steps, found);
  }
  return found;
}

/** @param {Document} document @param {string} name @returns {Step} */
export function stepNamed(document, name) {
  const step = stepsByName(document).get(name);
  if (!step) throw new NotPossible(`There is no step “${name}”.`);
  return step;
}

/**
 * Where a step stands, if somebody has put it somewhere.
 * @param {Document} document @param {string} name @returns {Point | null}
 */
export function positionOf(document, name) {
  const layout = document.layout;
  const at = isObject(layout) && Object.hasOwn(layout, name) ? layout[name] : null;
  return Array.isArray(at) && at.length === 2 && at.every(Number.isFinite) ? /** @type {any} */ (at) : null;
}

/**
 * The document with the steps that a function changes.
 * @param {Document} document @param {(step: Step) => Step} change @returns {Document}
 */
export function mapSteps(document, change) {
  const steps = document.steps.map(change);
  return steps.every((step, place) => step === document.steps[place]) ? document : { ...document, steps };
}

/** @param {Document} document @param {string} name @param {(step: Step) => Step} change @returns {Document} */
export function changeStep(document, name, change) {
  const wanted = stepNamed(document, name);
  return mapSteps(document, (step) => (step === wanted ? change(step) : step));
}

/**
 * A key of the document, left out when it would be empty.
 * @template {Json} T @param {T} object @param {string} key @param {any} value @returns {T}
 */
export function withPart(object, key, value) {
  const empty = Array.isArray(value) ? !value.length : isObject(value) && !Object.keys(value).length;
  return withKey(object, key, empty ? undefined : value);
}

/** Why this cannot be a step's name, or null. @param {string} name @returns {string | null} */
export function nameFault(name) {
  if (!name) return "A step needs a name.";
  if ([...name].length > NAME_LENGTH) return `A step's name has at most ${NAME_LENGTH} characters.`;
  if (!NAME.test(name)) return `“${name}”: a step's name is made of letters, digits, “_”, “-”, “.” and spaces.`;
  if (name !== name.trim()) return `“${name}”: a step's name does not begin or end with a space.`;
  if (!/[^.]/.test(name)) return `“${name}”: a step's name is not made of dots only.`;
  if (RESERVED.has(name)) return `“${name}” is a reserved word and cannot be a step's name.`;
  if (name !== name.normalize("NFC")) return `“${name}”: a step's name is written in composed characters.`;
  return null;
}

/** A name like the wanted one that no step has. @param {{has: (name: string) => boolean}} taken @param {string} wanted */
export function freeName(taken, wanted) {
  const usable = usableName(wanted);
  if (!taken.has(usable)) return usable;
  const [, stem, number] = /^(.*?)(?:-(\d{1,6}))?$/su.exec(usable) ?? [];
  for (let next = Number(number ?? 1) + 1; ; next += 1) {
    const name = `${cut(stem, NAME_LENGTH - 8)}-${next}`;
    if (!taken.has(name)) return name;
  }
}

/** @param {string} wanted */
function usableName(wanted) {
  const plain = wanted.normalize("NFC").replace(/[^\p{L}\p{N}_\-. ]+/gu, "-");
  const name = cut(plain, NAME_LENGTH).trim();
  return nameFault(name) ? "step" : name;
}

/** @param {string} text @param {number} length */
const cut = (text, length) => [...text].slice(0, length).join("");

/** The names of steps that only the later document has. @param {Document} before @param {Document} after */
export function newSteps(before, after) {
  const known = stepsByName(before);
  return after.steps.map((step) => step.name).filter((name) => !known.has(name));
}
