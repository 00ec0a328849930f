/** What became of the edits: saved and when, kept here while offline, or in conflict with somebody else's. */

import { agoInWords } from "./ago.js";

/**
 * @typedef {import("../editor.js").Editor} Editor
 * @typedef {{state: "saved" | "saving" | "unsaved" | "offline" | "conflict", at: Date | null, edits?: number, reason?: string}} Saving
 */

const TICK_MS = 5000;

/** @param {Saving} saving @param {Date} now @returns {string} */
export function sentenceOf({ state, at, edits = 0, reason = "" }, now) {
  const kept = edits ? `, ${edits} ${edits === 1 ? "edit" : "edits"} kept here` : ", edits are kept here";
  if (state === "saved") return at ? `Saved ${agoInWords(at, now)}` : "Saved";
  if (state === "unsaved" && reason) return `Not saved${kept}`;
  return { saving: "Saving…", unsaved: "Not saved yet…", offline: `Offline${kept}`, conflict: "Conflict…" }[state];
}

export class SavedBadge {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.button = /** @type {HTMLElement} */ (document.getElementById("editor-saved"));
    this.words = /** @type {HTMLElement} */ (this.button.querySelector("[data-words]"));
    this.reason = "";
    editor.session.addEventListener("saving", () => this.paint());
    setInterval(() => this.paint(), TICK_MS);
    this.paint();
  }

  paint() {
    const saving = /** @type {Saving} */ (this.editor.session.saving);
    const sentence = sentenceOf(saving, new Date());
    // Said when it matters: that an edit was saved is what one expects.
    const before = this.button.dataset.state;
    if (before !== saving.state && ["offline", "conflict"].some((state) => state === before || state === saving.state)) this.editor.announce(`${sentence}.`);
    this.button.dataset.state = saving.state;
    if (saving.reason !== this.reason && saving.reason) this.editor.refuse(`Not saved: ${saving.reason}`);
    this.reason = saving.reason ?? "";
    if (this.words.textContent !== sentence) this.words.textContent = sentence;
  }

  /** Somebody asks: a conflict is shown, else it is saved now. */
  async tell() {
    if (this.editor.session.saving.state === "conflict") {
      const { openConflict } = await import("./conflict.js");
      openConflict(this.editor);
    } else {
      await this.editor.session.saveNow();
    }
  }
}
