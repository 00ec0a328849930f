/**
 * Sticky notes: HTML behind the steps, in the world of the camera. Their text is text, never markup. All notes
 * together are one stop of the Tab key; arrows go from one to the next.
 */

import { touches } from "./boxes.js";

/**
 * @typedef {[number, number]} Point
 * @typedef {import("./picture.js").ShownNote} ShownNote
 */

export const NOTE_SIZE = /** @type {Point} */ ([220, 120]);
export const SMALLEST_NOTE = /** @type {Point} */ ([100, 60]);
/** What is shown of a text that is no note any more but a book. */
const MOST_LETTERS = 20_000;
const NAMED_LETTERS = 80;

/** @param {ShownNote} note @returns {import("../camera.js").Box} */
export function boxOfNote({ at = [0, 0], size = NOTE_SIZE }) {
  return { left: at[0], top: at[1], right: at[0] + size[0], bottom: at[1] + size[1] };
}

class Note {
  constructor() {
    this.element = document.createElement("div");
    this.element.className = "edit-note";
    this.face = document.createElement("button");
    this.face.type = "button";
    this.face.className = "edit-note-face";
    this.corner = document.createElement("span");
    this.corner.className = "edit-note-corner";
    /** @type {HTMLTextAreaElement | null} */
    this.field = null;
    this.element.append(this.face, this.corner);
  }

  /** @param {ShownNote} note @param {number} index */
  show(note, index) {
    this.element.dataset.note = String(index);
    const text = note.text.slice(0, MOST_LETTERS);
    if (this.face.textContent !== text) this.face.textContent = text;
    this.face.setAttribute("aria-label", `Note: ${text.slice(0, NAMED_LETTERS) || "empty"}`);
    if (note.colour) this.element.dataset.colour = note.colour;
    else delete this.element.dataset.colour;
    this.stand(boxOfNote(note));
  }

  /** @param {import("../camera.js").Box} box */
  stand({ left, top, right, bottom }) {
    this.element.style.transform = `translate(${left}px, ${top}px)`;
    this.element.style.width = `${right - left}px`;
    this.element.style.height = `${bottom - top}px`;
  }
}

export class Notes {
  /** @param {import("./editing.js").Editing} editing @param {HTMLElement} layer */
  constructor(editing, layer) {
    this.editing = editing;
    this.layer = layer;
    /** @type {Note[]} */
    this.notes = [];
    /** @type {ShownNote[]} */
    this.shown = [];
    this.current = 0;
    layer.addEventListener("focusin", (event) => {
      const note = noteAt(event.target);
      if (note !== null) this.#setCurrent(note);
    });
    layer.addEventListener("dblclick", (event) => {
      const note = noteAt(event.target);
      if (note !== null) this.edit(note);
    });
    // By keys or a screen reader; a press of the pointer is a gesture.
    layer.addEventListener("click", (event) => {
      const note = noteAt(event.target);
      if (note !== null && event.detail === 0) this.editing.choice.choose({ notes: new Set([note]) });
    });
  }

  /** @param {ShownNote[]} shown */
  show(shown) {
    this.shown = shown;
    while (this.notes.length > shown.length) this.notes.pop()?.element.remove();
    while (this.notes.length < shown.length) {
      const note = new Note();
      this.notes.push(note);
      this.layer.append(note.element);
    }
    shown.forEach((note, index) => this.notes[index].show(note, index));
    this.#setCurrent(Math.min(this.current, Math.max(shown.length - 1, 0)));
  }

  /** @param {number} index */
  #setCurrent(index) {
    this.current = index;
    this.notes.forEach(({ face }, note) => { face.tabIndex = note === index ? 0 : -1; });
  }

  /** @param {ReadonlySet<number>} selected */
  mark(selected) {
    this.notes.forEach(({ face }, note) => face.setAttribute("aria-pressed", String(selected.has(note))));
  }

  /** While it is carried or resized; the page still has it where it was. @param {number} index @param {import("../camera.js").Box} box */
  stand(index, box) {
    this.notes[index]?.stand(box);
  }

  /** They have been put down there; the page will show them so. @param {ReadonlySet<number>} notes @param {number} dx @param {number} dy */
  move(notes, dx, dy) {
    this.shown = this.shown.map((note, index) => {
      const { left, top } = boxOfNote(note);
      return notes.has(index) ? { ...note, at: /** @type {Point} */ ([left + dx, top + dy]) } : note;
    });
  }

  /** @param {number} index @returns {import("../camera.js").Box} */
  boxOf(index) {
    return boxOfNote(this.shown[index]);
  }

  /** @param {import("../camera.js").Box} box @returns {number[]} the notes that it touches */
  touching(box) {
    return [...this.shown.keys()].filter((index) => touches(this.boxOf(index), box));
  }

  /** @param {number} index */
  focus(index) {
    this.notes[index]?.face.focus({ preventScroll: true });
  }

  /** By keys. @param {number} index @param {number} dx @param {number} dy */
  resize(index, dx, dy) {
    const { left, top, right, bottom } = this.boxOf(index);
    if (!this.editing.enabled) return;
    const size = [Math.max(right - left + dx, SMALLEST_NOTE[0]), Math.max(bottom - top + dy, SMALLEST_NOTE[1])];
    this.editing.say(`Note, ${size[0]} by ${size[1]}.`);
    this.editing.tell("edit-note", { note: index, size });
  }

  /** Its text in a field: Escape or leaving the field takes it over. @param {number} index */
  edit(index) {
    const note = this.notes[index];
    if (!note || note.field || !this.editing.enabled) return;
    const field = document.createElement("textarea");
    field.className = "edit-note-field";
    field.setAttribute("aria-label", "Text of the note");
    field.value = this.shown[index].text;
    note.field = field;
    note.element.append(field);
    field.focus({ preventScroll: true });
    field.select();
    field.addEventListener("keydown", (event) => {
      const ends = event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey));
      if (ends) note.face.focus({ preventScroll: true });
      if (ends) event.preventDefault();
      event.stopPropagation();
    });
    field.addEventListener("pointerdown", (event) => event.stopPropagation());
    field.addEventListener("blur", () => this.#endEditing(note, field), { once: true });
  }

  /** @param {Note} note @param {HTMLTextAreaElement} field */
  #endEditing(note, field) {
    note.field = null;
    field.remove();
    const index = this.notes.indexOf(note);
    if (index >= 0 && field.value !== this.shown[index].text) this.editing.tell("edit-note", { note: index, text: field.value });
  }
}

/** @param {EventTarget | null} target @returns {number | null} */
export function noteAt(target) {
  const found = target instanceof Element ? target.closest(".edit-note") : null;
  return found instanceof HTMLElement ? Number(found.dataset.note) : null;
}

/** @param {EventTarget | null} target */
export const isCorner = (target) => target instanceof Element && target.closest(".edit-note-corner") !== null;
