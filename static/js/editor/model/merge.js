/**
 * Two documents that began as one, made one again: by step and field. What only one side has changed arrives; what both
 * have changed differently stays as mine and is told as a conflict. The twin of orchestrator/domain/document/merge.py,
 * checked against tests/scenarios/merge.
 */

import { withAlikeNames, withOwnNames, withoutPlacesOf, withPlacesOf } from "./alike.js";
import { isEditable } from "./document.js";
import { isObject, same } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {{where: string[], base?: any, mine?: any, theirs?: any}} Conflict a side that has nothing there is missing;
 *   in `where` the things of a list are called by their names
 * @typedef {{base: any, mine: any, theirs: any}} Sides
 */

/** Stands for what is not there. */
const MISSING = Symbol("missing");

/** Objects that are merged key by key; every other one is a value of its own. */
const RECORDS = new Set([
  "approval", "concurrency", "defaults", "for_each", "hooks", "layout", "loop", "outputs", "parameters", "retries", "run",
]);
/** Records whose keys are people's own: what stands there is a value, whatever the key. */
const MAPS = new Set(["layout", "outputs", "parameters"]);
/** Records that say something by being there: to take one away is more than to empty it. */
const WHOLE = new Set(["approval", "concurrency", "for_each", "loop"]);
/** Lists of things with names. */
const NAMED = new Set(["form", "groups", "parameters", "steps"]);
/** Lists in which each value stands for itself. */
const SETS = new Set(["choices", "on", "parents", "pause_at", "roles", "tags"]);

/**
 * Merges what both sides have made of a base.
 * @param {any} base @param {any} mine @param {any} theirs
 * @param {{twins?: boolean}} [options] `twins`: two new steps of one name are one, for sides of one origin
 * @returns {{document: any, conflicts: Conflict[], renamed: ReadonlyMap<string, string>}} mine's steps that have another name now
 */
export function merge(base, mine, theirs, { twins = false } = {}) {
  const merging = new Merging();
  const document = merging.whole({ base, mine, theirs }, twins);
  return { document, conflicts: merging.conflicts.sort(inPlace), renamed: merging.renamed };
}

class Merging {
  constructor() {
    /** @type {Conflict[]} */
    this.conflicts = [];
    /** @type {Map<string, string>} */
    this.renamed = new Map();
  }

  /** @param {Sides} sides @param {boolean} twins */
  whole(sides, twins) {
    if (same(sides.base, sides.mine)) return sides.theirs;
    if (same(sides.base, sides.theirs) || same(sides.mine, sides.theirs)) return sides.mine;
    if (!Object.values(sides).every(isEditable)) return this.value(sides, [], "");
    const own = twins ? sides : { ...sides, mine: withOwnNames(sides, this.renamed) };
    const { base, mine, theirs } = withAlikeNames(own, this.conflicts, this.renamed);
    const [one, other] = [mine, theirs].map((side) => withPlacesOf(base, side));
    return withoutPlacesOf(base, this.value({ base, mine: one, theirs: other }, [], ""));
  }

  /**
   * @param {Sides} sides @param {string[]} where
   * @param {string | null} key how the value is merged: "" like a record, null as a whole
   * @returns {any}
   */
  value(sides, where, key) {
    const { base, mine, theirs } = sides;
    if (alike(mine, theirs) || alike(base, theirs)) return mine;
    if (alike(base, mine)) return theirs;
    if (key !== null && isNothing(mine) && isNothing(theirs)) return mine;
    const full = key === null ? null : filled(sides, key);
    if (!full || key === null) return this.conflict(sides, where);
    const merged = Array.isArray(full.mine) ? this.list(full, where, key) : this.record(full, where, key);
    const bare = [mine, theirs].find(isNothing);
    return bare !== undefined && !Object.keys(merged).length ? bare : merged;
  }

  /** Keeps mine and tells what theirs was. @param {Sides} sides @param {string[]} where */
  conflict(sides, where) {
    const there = Object.entries(sides).filter(([, value]) => value !== MISSING);
    this.conflicts.push({ where, ...Object.fromEntries(there) });
    return sides.mine;
  }

  /** @param {Sides} sides @param {string[]} where @param {string} key @returns {any} */
  record({ base, mine, theirs }, where, key) {
    if (where.length === 1 && key === "layout") return this.layout({ base, mine, theirs });
    /** @type {[string, any][]} */
    const entries = [];
    for (const inner of keysOf(mine, theirs)) {
      const sides = { base: at(base, inner), mine: at(mine, inner), theirs: at(theirs, inner) };
      const value = this.value(sides, [...where, inner], MAPS.has(key) ? null : inner);
      if (value !== MISSING) entries.push([inner, value]);
    }
    return Object.fromEntries(entries);
  }

  /** Where steps stand is one thing to decide about, however many stand elsewhere. @param {Sides} sides */
  layout({ base, mine, theirs }) {
    const inner = new Merging();
    const merged = inner.record({ base, mine, theirs }, [], "layout");
    const names = inner.conflicts.map(({ where }) => where[0]);
    if (names.length) this.conflict({ base: only(base, names), mine: only(mine, names), theirs: only(theirs, names) }, ["layout"]);
    return merged;
  }

  /** @param {Sides} sides @param {string[]} where @param {string} key */
  list(sides, where, key) {
    if (key === "notes") return this.notes(sides);
    const keyOf = NAMED.has(key) ? nameOf : JSON.stringify;
    const [before, one, other] = [sides.base, sides.mine, sides.theirs].map((list) => keyed(list, keyOf));
    const kept = new Map();
    for (const inner of new Set([...one.keys(), ...other.keys()])) {
      const there = { base: at(before, inner), mine: at(one, inner), theirs: at(other, inner) };
      const value = this.value(there, [...where, inner], "");
      if (value !== MISSING) kept.set(inner, value);
    }
    return inOrder([...before.keys()], [...one.keys()], [...other.keys()], kept);
  }

  /**
   * Notes have no names: they are known by what they say, else by where they stand.
   * @param {Sides} sides @returns {any[]}
   */
  notes({ base, mine, theirs }) {
    const [one, other] = [matched(base, mine), matched(base, theirs)];
    /** @type {any[]} */
    const kept = [];
    base.forEach((/** @type {any} */ note, /** @type {number} */ number) => {
      const sides = { base: note, mine: at(mine, one[number]), theirs: at(theirs, other[number]) };
      const inner = new Merging();
      const merged = inner.value(sides, [], "");
      if (inner.conflicts.length) this.conflict(sides, ["notes"]);
      if (merged !== MISSING) kept.push(merged);
    });
    const added = unmatched(mine, one);
    const others = unmatched(theirs, other).filter((note) => !added.some((own) => same(own, note)));
    return [...kept, ...added, ...others];
  }
}

/**
 * The sides as records or as lists of one kind, nothing being an empty one; null when they are to be taken as a whole.
 * @param {Sides} sides @param {string} key @returns {Sides | null}
 */
function filled({ base, mine, theirs }, key) {
  const sides = [mine, theirs];
  const isRecord = (key === "" || RECORDS.has(key)) && sides.some(isObject);
  const isList = key === "notes" || NAMED.has(key) || (SETS.has(key) && sides.every(areScalars));
  const fits = isRecord ? isObject : Array.isArray;
  if (!(isRecord || isList) || !sides.every((side) => fits(side) || isNothing(side))) return null;
  if (sides.some(isNothing) && (key === "" || WHOLE.has(key))) return null;
  const [one, other, before] = [mine, theirs, base].map((side) => (fits(side) ? side : isRecord ? {} : []));
  return { base: before, mine: one, theirs: other };
}

/** @param {any} value */
const isNothing = (value) => value === MISSING || value === null;

/** @param {any} one @param {any} other @returns {Iterable<string>} */
const keysOf = (one, other) => new Set([...Object.keys(one), ...Object.keys(other)]);

/** @param {Conflict} one @param {Conflict} other */
function inPlace({ where: one }, { where: other }) {
  const place = one.findIndex((key, number) => key !== other[number]);
  if (place < 0) return one.length - other.length;
  return place >= other.length || one[place] > other[place] ? 1 : -1;
}

/** @param {any} one @param {any} other */
const alike = (one, other) => one === other || (one !== MISSING && other !== MISSING && same(one, other));

/** @param {any} holder an object, a list or a map @param {string | number} key */
function at(holder, key) {
  if (holder instanceof Map) return holder.has(key) ? holder.get(key) : MISSING;
  return Object.hasOwn(holder, key) ? holder[key] : MISSING;
}

/** @param {any} object @param {string[]} keys */
const only = (object, keys) => Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));

/** @param {any} thing */
const nameOf = (thing) => (isObject(thing) && typeof thing.name === "string" ? thing.name : "");

/** @param {any} list */
const areScalars = (list) => !Array.isArray(list) || list.every((value) => typeof value !== "object" || value === null);

/**
 * A list's things by their keys; a second one of a key gets a number.
 * @param {readonly any[]} list @param {(thing: any) => string} keyOf @returns {Map<string, any>}
 */
function keyed(list, keyOf) {
  const found = new Map();
  for (const thing of list) {
    const key = keyOf(thing);
    let own = key;
    for (let number = 2; found.has(own); number += 1) own = `${key}[${number}]`;
    found.set(own, thing);
  }
  return found;
}

/**
 * The kept things in theirs' order when mine has none of its own, else in mine. What that side lacks stands after the
 * thing that it followed on its own side.
 * @param {string[]} base @param {string[]} mine @param {string[]} theirs @param {Map<string, any>} kept
 */
function inOrder(base, mine, theirs, kept) {
  const stays = new Set(mine);
  const known = new Set(base);
  const moved = !same(base.filter((key) => stays.has(key)), mine.filter((key) => known.has(key)));
  const [lead, follow] = moved ? [mine, theirs] : [theirs, mine];
  const order = lead.filter((key) => kept.has(key));
  /** @type {Map<string | null, string[]>} */
  const followers = new Map([null, ...order].map((key) => [key, []]));
  let last = null;
  for (const key of follow) {
    if (followers.has(key)) last = key;
    else if (kept.has(key)) followers.get(last)?.push(key);
  }
  const behind = (/** @type {string | null} */ key) => followers.get(key) ?? [];
  return [...behind(null), ...order.flatMap((key) => [key, ...behind(key)])].map((key) => kept.get(key));
}

/** @param {any[]} list @param {number[]} places those that belong to notes of the base */
const unmatched = (list, places) => list.filter((_, place) => !places.includes(place));

/**
 * For each of the base's notes its place in the other list, or -1: the same, one that says the same, one that stands there.
 * @param {readonly any[]} base @param {readonly any[]} list @returns {number[]}
 */
function matched(base, list) {
  const places = base.map(() => -1);
  /** @type {((one: any, other: any) => boolean)[]} */
  const passes = [same, (one, other) => isEqualKey(one, other, "text"), (one, other) => isEqualKey(one, other, "at")];
  for (const isOne of passes) {
    base.forEach((note, number) => {
      if (places[number] < 0) places[number] = list.findIndex((other, place) => !places.includes(place) && isOne(note, other));
    });
  }
  return places;
}

/** @param {any} one @param {any} other @param {string} key */
const isEqualKey = (one, other, key) =>
  isObject(one) && isObject(other) && one[key] !== undefined && same(one[key], other[key]);
