/** Adding, inserting, removing and renaming steps. */

import { changeStep, freeName, mapSteps, nameFault, NotPossible, stepNamed, stepsByName, withPart } from "./document.js";
import { connect, orderOf, withParents } from "./edges.js";
import { parentsOf, REFERRING } from "./graph.js";
import { withKey } from "./json.js";
import { renamed, rewritten, rewrittenParameter } from "./references.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Step} Step
 * @typedef {import("./document.js").Point} Point
 * @typedef {import("./json.js").Json} Json
 * @typedef {{name?: string, kind?: string, template?: string, pipeline?: string, at?: Point | null, after?: string | readonly string[]} & Json} NewStep
 */

/** The fields in which a step names others beside its parents. */
const NAMING = [...REFERRING, "loop"];

/**
 * Adds a step under a name that is free, at a place if one is given, after other steps if they are named.
 * `newSteps(before, after)` tells its name.
 * @param {Document} document @param {NewStep} wanted @returns {Document}
 */
export function addStep(document, { name, at = null, after = [], ...said }) {
  const free = freeName(stepsByName(document), name ?? wantedName(said));
  const step = withKind({ name: free, ...said });
  const added = { ...document, steps: [...document.steps, withParents(step, [after].flat())] };
  return at ? withPart(added, "layout", { ...document.layout, [free]: at }) : added;
}

/** @param {Json} said */
function wantedName(said) {
  const origin = String(said.template ?? said.pipeline ?? said.kind ?? "step");
  return origin.slice(origin.lastIndexOf("/") + 1);
}

/** What a step is goes without saying for tasks. @param {Step} step @returns {Step} */
function withKind(step) {
  const kind = step.kind ?? (step.pipeline === undefined ? "task" : "pipeline");
  return withKey(step, "kind", kind === "task" ? undefined : kind);
}

/**
 * Puts a step between two others: a new one, or one that is there by its name. A reference between the two stays.
 * @param {Document} document @param {NewStep | string} step @param {string} parent @param {string} child @returns {Document}
 */
export function insertOnEdge(document, step, parent, child) {
  stepNamed(document, parent);
  if (typeof step === "string") return between(document, step, parent, child);
  const added = addStep(document, { ...step, after: parent });
  return between(added, added.steps[added.steps.length - 1].name, parent, child);
}

/** @param {Document} document @param {string} name @param {string} parent @param {string} child */
function between(document, name, parent, child) {
  const apart = changeStep(document, child, (step) => withParents(step, orderOf(step).filter((one) => one !== parent)));
  return connect(connect(apart, parent, name), name, child);
}

/**
 * Removes steps. Healing, their children come after what came before them; references to them stay and are told as problems.
 * @param {Document} document @param {Iterable<string>} names @param {{heal?: boolean}} [options] @returns {Document}
 */
export function removeSteps(document, names, { heal = false } = {}) {
  const gone = new Set(names);
  const left = document.steps.filter((step) => !gone.has(step.name));
  if (left.length === document.steps.length) return document;
  const steps = left.map((step) => withoutParents(document, step, gone, heal));
  return withoutNames({ ...document, steps }, gone);
}

/** @param {Document} document @param {Step} step @param {ReadonlySet<string>} gone @param {boolean} heal */
function withoutParents(document, step, gone, heal) {
  const above = [...parentsOf(step).keys()];
  if (!above.some((name) => gone.has(name))) return step;
  const stays = orderOf(step).filter((name) => !gone.has(name));
  const healed = heal ? above.filter((name) => gone.has(name)).flatMap((name) => standIns(document, name, gone)) : [];
  return withParents(step, [...stays, ...healed.filter((name) => !above.includes(name))]);
}

/**
 * The nearest steps before a removed one that stay.
 * @param {Document} document @param {string} name @param {ReadonlySet<string>} gone
 */
function standIns(document, name, gone) {
  const steps = stepsByName(document);
  const found = new Set();
  const waiting = [name];
  const seen = new Set(waiting);
  for (const one of waiting) {
    const step = steps.get(one);
    for (const parent of step ? parentsOf(step).keys() : []) {
      if (!gone.has(parent)) {
        if (steps.has(parent)) found.add(parent);
      } else if (!seen.has(parent)) {
        seen.add(parent);
        waiting.push(parent);
      }
    }
  }
  return [...found];
}

/**
 * Takes names out of where steps are named beside themselves.
 * @param {Document} document @param {ReadonlySet<string>} gone @returns {Document}
 */
function withoutNames(document, gone) {
  let result = document;
  if (Object.keys(document.layout ?? {}).some((name) => gone.has(name))) {
    const stays = Object.entries(document.layout ?? {}).filter(([name]) => !gone.has(name));
    result = withPart(result, "layout", Object.fromEntries(stays));
  }
  const stops = document.run?.pause_at;
  if (Array.isArray(stops) && stops.some((name) => gone.has(name))) {
    const run = withPart(document.run, "pause_at", stops.filter((name) => !gone.has(name)));
    result = withPart(result, "run", run);
  }
  return result;
}

/**
 * Gives a step another name wherever it is named.
 * @param {Document} document @param {string} from @param {string} to @returns {Document}
 */
export function renameStep(document, from, to) {
  stepNamed(document, from);
  if (to === from) return document;
  const fault = nameFault(to);
  if (fault) throw new NotPossible(fault);
  if (stepsByName(document).has(to)) throw new NotPossible(`There is already a step “${to}”.`);
  return withStepName(document, from, to);
}

/**
 * The same without asking whether it can be.
 * @param {Document} document @param {string} from @param {string} to @returns {Document}
 */
export function withStepName(document, from, to) {
  if (to === from) return document;
  const names = new Map([[from, to]]);
  const steps = mapSteps(document, (step) => {
    const pointing = renamedIn(step, names);
    return step.name === from ? { ...pointing, name: to } : pointing;
  });
  return renamedAround(steps, from, to);
}

/**
 * A step that names others by their new names; its own stays.
 * @param {Step} step @param {ReadonlyMap<string, string>} names @returns {Step}
 */
export function renamedIn(step, names) {
  const parents = orderOf(step);
  const called = parents.map((name) => names.get(name) ?? name);
  let result = parents.some((name) => names.has(name)) ? { ...step, parents: called } : step;
  for (const field of NAMING) {
    if (result[field] !== undefined) result = withKey(result, field, renamed(result[field], names));
  }
  return result;
}

/**
 * What names steps outside of them.
 * @param {Document} document @param {string} from @param {string} to @returns {Document}
 */
function renamedAround(document, from, to) {
  const result = aroundSteps(document, (value) => rewritten(value, from, to));
  const word = (/** @type {string} */ name) => (name === from ? to : name);
  const stops = result.run?.pause_at;
  const run = Array.isArray(stops) ? { ...result.run, pause_at: stops.map(word) } : result.run;
  const placed = withKey(result, "run", run);
  if (!Object.hasOwn(document.layout ?? {}, from)) return placed;
  const moved = Object.entries(document.layout ?? {}).map(([name, at]) => [word(name), at]);
  return { ...placed, layout: Object.fromEntries(moved) };
}

/**
 * Changes the values outside of steps that may hold references.
 * @param {Document} document @param {(value: any) => any} change @returns {Document}
 */
function aroundSteps(document, change) {
  let result = document;
  for (const part of ["outputs", "defaults", "run"]) {
    if (document[part] !== undefined) result = withKey(result, part, change(document[part]));
  }
  const groups = document.groups?.map((group) => (group.for_each ? withKey(group, "for_each", change(group.for_each)) : group));
  return groups ? withKey(result, "groups", groups) : result;
}

/**
 * Gives a parameter of the run another name wherever it is referred to.
 * @param {Document} document @param {string} from @param {string} to @returns {Document}
 */
export function renameParameter(document, from, to) {
  /** @type {readonly Json[]} */
  const declared = document.parameters ?? [];
  if (!declared.some(({ name }) => name === from)) throw new NotPossible(`There is no parameter “${from}”.`);
  if (to === from) return document;
  if (!to) throw new NotPossible("A parameter needs a name.");
  if (declared.some(({ name }) => name === to)) throw new NotPossible(`There is already a parameter “${to}”.`);
  const change = (/** @type {any} */ value) => rewrittenParameter(value, from, to);
  const steps = mapSteps(document, (step) =>
    NAMING.reduce((result, field) => withKey(result, field, change(result[field])), step));
  const parameters = declared.map((one) => (one.name === from ? { ...one, name: to } : one));
  return { ...aroundSteps(steps, change), parameters };
}
