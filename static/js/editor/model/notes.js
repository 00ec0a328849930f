/** Notes on the canvas; each is known by its place in the list. */

import { withPart } from "./document.js";
import { withKey } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./json.js").Json} Json
 */

/** @param {Document} document @returns {readonly Json[]} */
const notesOf = (document) => (Array.isArray(document.notes) ? document.notes : []);

/** The new one is the last. @param {Document} document @param {{text: string} & Json} note @returns {Document} */
export const addNote = (document, note) => ({ ...document, notes: [...notesOf(document), note] });

/**
 * Sets values of a note; undefined takes one away.
 * @param {Document} document @param {number} note @param {Json} values @returns {Document}
 */
export function changeNote(document, note, values) {
  return mapNotes(document, (one, number) => {
    if (number !== note) return one;
    return Object.entries(values).reduce((result, [key, value]) => withKey(result, key, value), one);
  });
}

/** @param {Document} document @param {Iterable<number>} notes @param {number} dx @param {number} dy @returns {Document} */
export function moveNotes(document, notes, dx, dy) {
  const moving = new Set(notes);
  if (!dx && !dy) return document;
  return mapNotes(document, (one, number) => {
    const [x, y] = one.at ?? [0, 0];
    return moving.has(number) ? { ...one, at: [x + dx, y + dy] } : one;
  });
}

/** @param {Document} document @param {Iterable<number>} notes @returns {Document} */
export function removeNotes(document, notes) {
  const gone = new Set(notes);
  const left = notesOf(document).filter((_, number) => !gone.has(number));
  return left.length === notesOf(document).length ? document : withPart(document, "notes", left);
}

/** @param {Document} document @param {(note: Json, number: number) => Json} change @returns {Document} */
function mapNotes(document, change) {
  const notes = notesOf(document).map(change);
  return notes.every((note, number) => note === notesOf(document)[number]) ? document : { ...document, notes };
}
