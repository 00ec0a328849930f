/** Groups of steps that are drawn together, and may be drawn as one box. */

import { mapSteps, NotPossible, stepsByName, withPart } from "./document.js";
import { withKey } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./json.js").Json} Json
 */

/** @param {Document} document @returns {readonly Json[]} */
const groupsOf = (document) => (Array.isArray(document.groups) ? document.groups : []);

/**
 * Puts steps into a group, which is made if there is none of that name.
 * @param {Document} document @param {Iterable<string>} names @param {string} name @returns {Document}
 */
export function group(document, names, name) {
  const wanted = new Set(names);
  if (!name.trim()) throw new NotPossible("A group needs a name.");
  if (![...wanted].some((one) => stepsByName(document).has(one))) return document;
  const steps = mapSteps(document, (step) => (wanted.has(step.name) ? withKey(step, "group", name) : step));
  const known = groupsOf(document).some((one) => one.name === name);
  return known ? steps : { ...steps, groups: [...groupsOf(document), { name }] };
}

/**
 * Takes steps out of whatever group they are in.
 * @param {Document} document @param {Iterable<string>} names @returns {Document}
 */
export function leaveGroup(document, names) {
  const wanted = new Set(names);
  return mapSteps(document, (step) => (wanted.has(step.name) ? withKey(step, "group", undefined) : step));
}

/** Takes a group away; its steps stay. @param {Document} document @param {string} name @returns {Document} */
export function ungroup(document, name) {
  const steps = mapSteps(document, (step) => (step.group === name ? withKey(step, "group", undefined) : step));
  const left = groupsOf(document).filter((one) => one.name !== name);
  return left.length === groupsOf(document).length ? steps : withPart(steps, "groups", left);
}

/**
 * Draws a group as one box, or opens it.
 * @param {Document} document @param {string} name @param {boolean} [collapsed] the other way, if it is not said
 * @returns {Document}
 */
export function collapseGroup(document, name, collapsed) {
  const found = groupsOf(document).find((one) => one.name === name);
  const wanted = collapsed ?? !found?.collapsed;
  return changeGroup(document, name, { collapsed: wanted || undefined });
}

/**
 * Changes what a group says; undefined takes a value away. Its new name goes to its steps.
 * @param {Document} document @param {string} name @param {Json} values @returns {Document}
 */
export function changeGroup(document, name, values) {
  const named = values.name !== undefined && values.name !== name ? renameGroup(document, name, values.name) : document;
  const known = groupsOf(named);
  const now = values.name ?? name;
  const groups = known.some((one) => one.name === now) ? known : [...known, { name: now }];
  const changed = groups.map((one) => {
    if (one.name !== now) return one;
    return Object.entries(values).reduce((result, [key, value]) => withKey(result, key, value), one);
  });
  return changed.every((one, number) => one === known[number]) ? named : { ...named, groups: changed };
}

/** @param {Document} document @param {string} from @param {string} to @returns {Document} */
function renameGroup(document, from, to) {
  if (!to.trim()) throw new NotPossible("A group needs a name.");
  if (groupsOf(document).some((one) => one.name === to)) throw new NotPossible(`There is already a group “${to}”.`);
  const steps = mapSteps(document, (step) => (step.group === from ? { ...step, group: to } : step));
  return withPart(steps, "groups", groupsOf(document).map((one) => (one.name === from ? { ...one, name: to } : one)));
}
