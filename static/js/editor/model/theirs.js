/** Taking the other side of a conflict into the document, wherever that stands by now. */

import { stepsByName } from "./document.js";
import { isObject, same, valueAt, withKey, withValueAt } from "./json.js";
import { renameStep } from "./steps.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./json.js").Json} Json
 * @typedef {import("./json.js").Path} Path
 * @typedef {import("./merge.js").Conflict} Conflict
 */

/** @param {Document} document @param {Conflict} conflict @returns {Document} */
export function takeTheirs(document, { where, mine, theirs }) {
  const [part, name, key] = where;
  if (part === "layout") return withPlaces(document, mine, theirs);
  if (part === "notes") return withNote(document, mine, theirs);
  if (part === "steps" && key === "name" && where.length === 3) return withName(document, name, theirs);
  const path = pathTo(document, where);
  return path ? withValueAt(document, path, theirs) : document;
}

/** @param {Document} document @param {Json} mine @param {Json} theirs @returns {Document} */
function withPlaces(document, mine, theirs) {
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  /** @type {Json} */
  const before = document.layout ?? {};
  return withKey(document, "layout", [...names].reduce((result, name) => withKey(result, name, theirs[name]), before));
}

/** @param {Document} document @param {Json | undefined} mine @param {Json | undefined} theirs @returns {Document} */
function withNote(document, mine, theirs) {
  const notes = document.notes ?? [];
  const place = mine === undefined ? -1 : notes.findIndex((note) => same(note, mine) || same(note.text, mine.text));
  const left = theirs === undefined ? [] : [theirs];
  const [before, after] = place < 0 ? [notes, []] : [notes.slice(0, place), notes.slice(place + 1)];
  return withKey(document, "notes", [...before, ...left, ...after]);
}

/** @param {Document} document @param {string} from @param {string} to @returns {Document} */
function withName(document, from, to) {
  const steps = stepsByName(document);
  return steps.has(from) && !steps.has(to) ? renameStep(document, from, to) : document;
}

/**
 * The way to a thing, with places in the stead of names; null when what it stands in is gone.
 * @param {Document} document @param {string[]} where @returns {Path | null}
 */
function pathTo(document, where) {
  /** @type {(string | number)[]} */
  const path = [];
  for (const [depth, key] of where.entries()) {
    const here = valueAt(document, path);
    if (!Array.isArray(here)) path.push(key);
    else {
      const place = here.findIndex((one) => isObject(one) && one.name === key);
      if (place < 0 && depth < where.length - 1) return null;
      path.push(place < 0 ? here.length : place);
    }
  }
  return path;
}
