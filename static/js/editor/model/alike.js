/**
 * Making the sides of a merge comparable: new steps that happen to have one name get two, a step that one side has given
 * another name is called so on all of them, and whoever has removed a step has no word in where it stands.
 */

import { freeName, positionOf, stepsByName, withPart } from "./document.js";
import { textOf } from "./json.js";
import { withStepName } from "./steps.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Step} Step
 * @typedef {import("./merge.js").Conflict} Conflict
 * @typedef {{base: Document, mine: Document, theirs: Document}} Documents
 */

const ORIGIN = ["kind", "template", "pipeline"];

/**
 * Mine with other names for its new steps where theirs has new ones of the same: both shall arrive.
 * @param {Documents} documents @param {Map<string, string>} names gets mine's old names and their new ones @returns {Document}
 */
export function withOwnNames({ base, mine, theirs }, names) {
  const [old, own, foreign] = [stepsByName(base), stepsByName(mine), stepsByName(theirs)];
  const taken = new Set([...old.keys(), ...own.keys(), ...foreign.keys()]);
  let result = mine;
  for (const [name, step] of own) {
    const other = old.has(name) ? undefined : foreign.get(name);
    if (!other) continue;
    if (isOne(marksOf(mine, step), marksOf(theirs, other))) continue;
    const free = freeName(taken, name);
    taken.add(free);
    names.set(name, free);
    result = withStepName(result, name, free);
  }
  return result;
}

/**
 * Whether two new steps are one: by where they stand, where both stand somewhere, else by what they say.
 * @param {string[]} own @param {string[]} foreign
 */
const isOne = (own, foreign) => (own[1] && foreign[1] ? own[1] === foreign[1] : own[0] === foreign[0]);

/**
 * The three with each renamed step under one name: mine, where both have renamed it.
 * @param {Documents} documents @param {Conflict[]} conflicts @param {Map<string, string>} names gets mine's old names and their new ones
 * @returns {Documents}
 */
export function withAlikeNames(documents, conflicts, names) {
  let { base, mine, theirs } = documents;
  const [own, foreign] = [renamesOf(base, mine), renamesOf(base, theirs)];
  for (const name of new Set([...own.keys(), ...foreign.keys()])) {
    const [ours, other] = [own.get(name), foreign.get(name)];
    const to = ours ?? other ?? name;
    if (ours !== undefined && other !== undefined && ours !== other) {
      conflicts.push({ where: ["steps", ours, "name"], base: name, mine: ours, theirs: other });
    }
    const [asMine, asTheirs] = [ours ?? name, other ?? name];
    if (![base, mine, theirs].every((one, side) => isFree(one, [name, asMine, asTheirs][side], to))) continue;
    base = withStepName(base, name, to);
    mine = withStepName(mine, asMine, to);
    if (asMine !== to) names.set(asMine, to);
    theirs = withStepName(theirs, asTheirs, to);
  }
  return { base, mine, theirs };
}

/**
 * Whether a step can have a name: it has it, or nobody does.
 * @param {Document} document @param {string} name @param {string} to
 */
const isFree = (document, name, to) => name === to || !stepsByName(document).has(to);

/**
 * The steps that have another name now: gone under the old one, and new under one that stands in the same place or says
 * all the same.
 * @param {Document} before @param {Document} after @returns {Map<string, string>}
 */
function renamesOf(before, after) {
  const [old, now] = [stepsByName(before), stepsByName(after)];
  /** @type {Map<string, string[]>} the new names by what a step may be known by */
  const fresh = new Map();
  for (const step of now.values()) {
    if (old.has(step.name)) continue;
    for (const mark of marksOf(after, step)) fresh.set(mark, [...(fresh.get(mark) ?? []), step.name]);
  }
  const names = new Map();
  const taken = new Set();
  for (const step of fresh.size ? old.values() : []) {
    if (now.has(step.name)) continue;
    const found = marksOf(before, step).flatMap((mark) => fresh.get(mark) ?? []).find((name) => !taken.has(name));
    if (found === undefined) continue;
    taken.add(found);
    names.set(step.name, found);
  }
  return names;
}

/**
 * What a step is known by without its name: all that it says, and what it clones with where it stands.
 * @param {Document} document @param {Step} step
 */
function marksOf(document, step) {
  const place = positionOf(document, step.name);
  const said = textOf({ ...step, name: "" });
  return place ? [said, textOf([ORIGIN.map((key) => step[key] ?? null), place])] : [said];
}

/**
 * A side with the places of the steps that it has removed, so that they look untouched.
 * @param {Document} base @param {Document} side @returns {Document}
 */
export function withPlacesOf(base, side) {
  const kept = placesWithout(base, side);
  return kept.length ? { ...side, layout: { ...side.layout, ...Object.fromEntries(kept) } } : side;
}

/**
 * What was merged without the places of steps that are no more.
 * @param {Document} base @param {Document} merged @returns {Document}
 */
export function withoutPlacesOf(base, merged) {
  const gone = new Set(placesWithout(base, merged).map(([name]) => name));
  const places = Object.entries(merged.layout ?? {});
  if (!places.some(([name]) => gone.has(name))) return merged;
  return withPart(merged, "layout", Object.fromEntries(places.filter(([name]) => !gone.has(name))));
}

/** The base's places of steps that it has and the other lacks. @param {Document} base @param {Document} other */
function placesWithout(base, other) {
  const [old, now] = [stepsByName(base), stepsByName(other)];
  return Object.entries(base.layout ?? {}).filter(([name]) => old.has(name) && !now.has(name));
}
