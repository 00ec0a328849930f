/**
 * What makes one JSON value out of another: a list of places where something else stands. Made for values that share
 * what they have in common, which is passed over unread; applied, it gives a value that shares as much.
 */

import { isObject, same, withValueAt, valueAt } from "./json.js";

/**
 * @typedef {import("./json.js").Path} Path
 * @typedef {{path: Path, was?: any, is?: any}} Replacement a missing side: nothing stood, or stands, there
 * @typedef {{path: Path, from: number, out: any[], in: any[]}} Splice in the list at the path
 * @typedef {(Replacement | Splice)[]} Difference
 */

/** @param {any} before @param {any} after @returns {Difference} */
export function difference(before, after) {
  /** @type {Difference} */
  const found = [];
  compare(before, after, [], found);
  return found;
}

/** The way back. @param {Difference} changes @returns {Difference} */
export const reversed = (changes) => changes.map(reversedOne).reverse();

/** @param {Replacement | Splice} change @returns {Replacement | Splice} */
function reversedOne(change) {
  if ("from" in change) return { ...change, out: change.in, in: change.out };
  const { path } = change;
  return { path, ...("is" in change && { was: change.is }), ...("was" in change && { is: change.was }) };
}

/** @param {any} value @param {Difference} changes @returns {any} */
export function applied(value, changes) {
  return changes.reduce((result, change) => {
    if (!("from" in change)) return withValueAt(result, change.path, change.is);
    const list = valueAt(result, change.path) ?? [];
    return withValueAt(result, change.path, list.toSpliced(change.from, change.out.length, ...change.in));
  }, value);
}

/** @param {any} before @param {any} after @param {Path} path @param {Difference} found */
function compare(before, after, path, found) {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, found);
  else if (isObject(before) && isObject(after)) compareObjects(before, after, path, found);
  else if (!same(before, after)) found.push({ path, was: before, is: after });
}

/** @param {any} before @param {any} after @param {Path} path @param {Difference} found */
function compareObjects(before, after, path, found) {
  for (const key of Object.keys(before)) {
    if (Object.hasOwn(after, key)) compare(before[key], after[key], [...path, key], found);
    else found.push({ path: [...path, key], was: before[key] });
  }
  for (const key of Object.keys(after)) {
    if (!Object.hasOwn(before, key)) found.push({ path: [...path, key], is: after[key] });
  }
}

/**
 * Walks both lists at once. What is in only one of them was taken out, put in, or, side by side, changed; where what
 * both hold stands in another order, the rest is told as a whole.
 * @param {any[]} before @param {any[]} after @param {Path} path @param {Difference} found
 */
function compareLists(before, after, path, found) {
  const [old, fresh] = [new Set(before), new Set(after)];
  let one = 0;
  let other = 0;
  while (one < before.length || other < after.length) {
    const left = before.length - one - (after.length - other);
    const isOut = one < before.length && !fresh.has(before[one]);
    const isIn = other < after.length && !old.has(after[other]);
    if (one < before.length && other < after.length && before[one] === after[other]) [one, other] = [one + 1, other + 1];
    else if (isOut && isIn && isOneThing(before[one], after[other], left)) compare(before[one++], after[other], [...path, other++], found);
    else if (isOut && (!isIn || left > 0)) found.push({ path, from: other, out: [before[one++]], in: [] });
    else if (isIn) found.push({ path, from: other, out: [], in: [after[other++]] });
    else break;
  }
  const [out, into] = [before.slice(one), after.slice(other)];
  if (!same(out, into)) found.push({ path, from: other, out, in: into });
}

/**
 * Whether one is the other, changed: by their names, or because the lists are of one length.
 * @param {any} one @param {any} other @param {number} left
 */
function isOneThing(one, other, left) {
  const named = isObject(one) && isObject(other) && "name" in one && "name" in other;
  return left === 0 || (named && one.name === other.name);
}
