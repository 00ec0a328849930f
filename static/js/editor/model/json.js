/** JSON values that are never changed: equality, and copies with something set that share all the rest. */

/**
 * @typedef {Record<string, any>} Json an object of JSON
 * @typedef {ReadonlyArray<string | number>} Path
 */

/** @param {unknown} value @returns {value is Json} */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Whether two JSON values say the same, whatever the order of keys.
 * @param {any} one @param {any} other @returns {boolean}
 */
export function same(one, other) {
  if (Object.is(one, other) || one === other) return true;
  if (Array.isArray(one)) return Array.isArray(other) && sameLists(one, other);
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]));
}

/** @param {any[]} one @param {any[]} other */
const sameLists = (one, other) => one.length === other.length && one.every((value, place) => same(value, other[place]));

/**
 * The value made of parts of a known one wherever they say the same, things of lists by their names; so that what stayed
 * is found to be the same without being looked at.
 * @param {any} value @param {any} known @returns {any}
 */
export function sharing(value, known) {
  if (same(value, known)) return known;
  if (Array.isArray(value) && Array.isArray(known)) {
    const named = new Map(known.map((one, place) => [isObject(one) ? one.name ?? place : place, one]));
    return value.map((one, place) => sharing(one, named.get(isObject(one) ? one.name ?? place : place)));
  }
  if (!isObject(value) || !isObject(known)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sharing(inner, at(known, key))]));
}

/** @param {Json} object @param {string} key */
const at = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);

/** A value as text that equal values share. @param {any} value @returns {string} */
export const textOf = (value) =>
  JSON.stringify(value, (_, inner) => (isObject(inner) ? sorted(inner) : inner));

/** @param {Json} object */
const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));

/**
 * The object with a key set, or without it when the value is undefined.
 * @template {Json} T @param {T} object @param {string} key @param {any} value @returns {T}
 */
export function withKey(object, key, value) {
  const known = Object.hasOwn(object, key);
  if (value === undefined ? !known : known && same(object[key], value)) return object;
  if (value !== undefined) return define({ ...object }, key, value);
  const { [key]: _, ...rest } = object;
  return /** @type {T} */ (rest);
}

/**
 * Sets a key, be it called __proto__.
 * @template {Json} T @param {T} object @param {string} key @param {any} value @returns {T}
 */
function define(object, key, value) {
  return Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** What stands there, or undefined. @param {any} value @param {Path} path @returns {any} */
export function valueAt(value, path) {
  let here = value;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = here[part];
  }
  return here;
}

/**
 * The value with something else at the end of a path; undefined takes it away. What is missing on the way is made.
 * @param {any} value @param {Path} path @param {any} wanted @returns {any}
 */
export function withValueAt(value, path, wanted) {
  if (!path.length) return wanted;
  const [part, ...rest] = path;
  if (typeof part === "number") return withItemAt(Array.isArray(value) ? value : [], part, rest, wanted);
  const object = isObject(value) ? value : {};
  const inner = Object.hasOwn(object, part) ? object[part] : undefined;
  if (wanted === undefined && inner === undefined) return value;
  return withKey(object, part, withValueAt(inner, rest, wanted));
}

/** @param {any[]} list @param {number} place @param {Path} rest @param {any} wanted */
function withItemAt(list, place, rest, wanted) {
  const inner = withValueAt(list[place], rest, wanted);
  if (inner === undefined) return place < list.length ? list.filter((_, other) => other !== place) : list;
  if (place < list.length && same(list[place], inner)) return list;
  const copy = [...list];
  copy[Math.min(place, list.length)] = inner;
  return copy;
}

/** Reads ``steps[2].parameters.General/rows`` as problems write it. @param {string} where @returns {(string | number)[]} */
export function pathOf(where) {
  const parts = [];
  for (const [, name, index] of where.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) parts.push(index === undefined ? name : Number(index));
  return parts;
}
