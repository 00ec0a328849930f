/** Notes on the canvas: what they say, their colour, taking them away. */

import { h, icon } from "../../elements.js";
import { changeNote, removeNotes } from "../../model/commands.js";

/** @typedef {import("../step_panel.js").StepPanel} StepPanel */

export const COLOURS = ["amber", "blue", "green", "red", "grey"];

/** @param {StepPanel} panel @param {number[]} notes */
export function drawNotes(panel, notes) {
  const [note] = notes;
  const said = notes.length === 1 ? panel.session.document.notes?.[note] : null;
  const words = notes.length === 1 ? "Delete this note" : `Delete ${notes.length} notes`;
  const remove = () => panel.perform(words, (document) => removeNotes(document, notes));
  return [
    h("div", { key: "title", class: "panel-head" }, h("h2", null, notes.length === 1 ? "Note" : `${notes.length} notes`)),
    said ? drawNote(panel, note, said) : null,
    h("div", { key: "foot", class: "panel-foot" }, h("button", { type: "button", class: "button button-small button-danger", onClick: remove }, icon("trash"), words)),
  ];
}

/** @param {StepPanel} panel @param {number} note @param {Record<string, any>} said */
function drawNote(panel, note, said) {
  const change = (/** @type {string} */ key) => (/** @type {Event} */ event) => {
    const value = /** @type {HTMLInputElement} */ (event.target).value;
    const wanted = { [key]: key === "colour" && !value ? undefined : value };
    panel.perform(`Change a note's ${key}`, (document) => changeNote(document, note, wanted), { coalesce: `note ${note} ${key}` });
  };
  const colours = COLOURS.includes(said.colour) || !said.colour ? COLOURS : [...COLOURS, said.colour];
  return h(
    "div", { key: `note ${note}`, class: "panel-section" },
    h("div", { class: "field" }, h("label", { for: "panel-note-text", class: "panel-label" }, "Text"),
      h("textarea", { id: "panel-note-text", rows: "6", value: String(said.text ?? ""), onInput: change("text") })),
    h("div", { class: "field" }, h("label", { for: "panel-note-colour", class: "panel-label" }, "Colour"),
      h("select", { id: "panel-note-colour", value: said.colour ?? "", onChange: change("colour") },
        h("option", { key: "", value: "" }, "default"), colours.map((one) => h("option", { key: one, value: one }, one)))),
  );
}
