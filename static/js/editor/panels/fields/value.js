/** A field of one value: a text, a number, JSON, yes or no, a choice, or a reference in its place. */

import { h, icon } from "../../elements.js";
import { read, shown, written } from "../values.js";
import { chip, lastValue, usedIn, wholeReference } from "./chip.js";
import { checkFrame, controlProps, frame } from "./frame.js";

/**
 * @typedef {import("../schema_form.js").Form} Form
 * @typedef {import("../form_model.js").Field} Field
 * @typedef {import("../../elements.js").Shape} Shape
 */

const MOST_ROWS = 12;

/** @param {Form} form @param {Field} field @returns {Shape} */
export function drawValue(form, field) {
  const reference = wholeReference(field.value);
  if (reference && !form.asText.has(form.keyOf(field))) return drawReference(form, field, reference);
  const { kind, value } = field;
  const plain = value === undefined || kind.choices?.includes(value);
  if (kind.choices && plain) return frame(form, field, withPicker(form, field, drawChoice(form, field)));
  const yesNo = kind.type === "boolean" && (value === undefined || typeof value === "boolean");
  if (yesNo) return drawYesNo(form, field);
  return frame(form, field, withPicker(form, field, drawText(form, field)), { below: usedIn(form, field) });
}

/** @param {Form} form @param {Field} field */
function drawYesNo(form, field) {
  const checked = field.value ?? field.kind.default ?? false;
  const onChange = (/** @type {Event} */ event) => form.set(field, /** @type {HTMLInputElement} */ (event.target).checked);
  const box = h("input", { type: "checkbox", ...controlProps(form, field), checked, onChange });
  const shape = checkFrame(form, field, box);
  if (form.mayRefer(field)) shape.children.splice(1, 0, pickButton(form, field, "Refer to a value"));
  return shape;
}

/** @param {Form} form @param {Field} field */
function drawChoice(form, field) {
  const { choices = [], default: usual, required } = field.kind;
  const word = (/** @type {any} */ one) => (field.kind.worded ? String(one).replaceAll("_", " ") : written(one) || "(empty)");
  const nothing = usual !== undefined ? `${word(usual)} (default)` : required ? "Choose…" : "not set";
  const place = choices.indexOf(field.value);
  const onChange = (/** @type {Event} */ event) => {
    const chosen = /** @type {HTMLSelectElement} */ (event.target).value;
    const value = chosen === "" ? undefined : choices[Number(chosen)];
    if (field.chosen) field.chosen(value);
    else form.set(field, value);
  };
  return h(
    "select", { ...controlProps(form, field), value: place < 0 ? "" : String(place), onChange },
    h("option", { key: "", value: "" }, nothing),
    choices.map((one, number) => h("option", { key: `choice ${number}`, value: String(number) }, word(one))),
  );
}

/** @param {Form} form @param {Field} field */
function drawText(form, field) {
  const { kind, value } = field;
  const text = form.typed.at(form.keyOf(field), value)?.text ?? shown(kind, value);
  if (field.schema["x-code"]) return drawCode(form, field, text);
  const suggestions = form.around.suggestions?.(field);
  const props = {
    ...controlProps(form, field), value: text, autocomplete: "off", placeholder: placeholderOf(field),
    list: suggestions?.length ? `${form.idOf(field)}-list` : null,
    onInput: (/** @type {Event} */ event) => take(form, field, /** @type {HTMLInputElement} */ (event.target)),
  };
  if (field.long || text.includes("\n")) {
    const rows = Math.min(MOST_ROWS, Math.max(kind.type === "json" ? 3 : 2, text.split("\n").length));
    return h("textarea", { ...props, rows: String(rows), class: kind.type === "json" ? "code-input" : null, spellcheck: "false" });
  }
  const mode = { integer: "numeric", number: "decimal" }[/** @type {string} */ (kind.type)];
  const input = h("input", { ...props, type: "text", inputmode: mode ?? null, spellcheck: "false" });
  if (!suggestions?.length) return input;
  const list = h("datalist", { id: `${form.idOf(field)}-list` }, suggestions.map((one) => h("option", { key: one, value: one })));
  return [input, list];
}

/** Code has the editor for code, which is fetched when the first is shown. @param {Form} form @param {Field} field @param {string} text */
function drawCode(form, field, text) {
  void import("../../../widgets/code_field.js");
  return h("code-field", {
    ...controlProps(form, field), value: text, language: field.schema["x-code"], "aria-label": field.label,
    onInput: (/** @type {Event} */ event) => take(form, field, /** @type {any} */ (event.target)),
  });
}

/** @param {Field} field */
function placeholderOf({ kind, value }) {
  if (value === "") return "(empty text)";
  return kind.default === undefined || kind.default === null ? "" : written(kind.default);
}

/** What was typed is taken over; a reference that begins asks which. @param {Form} form @param {Field} field @param {HTMLInputElement} input */
function take(form, field, input) {
  const { value: text, selectionStart } = input;
  takeText(form, field, text);
  const before = text.slice(0, selectionStart ?? text.length);
  if (form.mayRefer(field) && before.endsWith("${") && !before.endsWith("$${")) void complete(form, field, before.slice(0, -2), text.slice(before.length));
}

/** @param {Form} form @param {Field} field @param {string} text */
function takeText(form, field, text) {
  const reading = read(field.kind, text);
  const value = reading.keep ? reading.value : field.value;
  form.typed.keep(form.keyOf(field), text, value, reading.error);
  form.set(field, value);
}

/** @param {Form} form @param {Field} field @param {string} before @param {string} after */
async function complete(form, field, before, after) {
  const chosen = await form.around.pick?.(field);
  if (!chosen) return;
  // A brace that was closed already belongs to what was begun.
  takeText(form, field, before + chosen + after.replace(/^\}/, ""));
  const control = document.getElementById(form.idOf(field));
  control?.focus();
  const place = before.length + chosen.length;
  if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement) control.setSelectionRange(place, place);
}

/** @param {Form} form @param {Field} field @param {any} control */
function withPicker(form, field, control) {
  if (!form.mayRefer(field)) return control;
  // A text of several lines needs the whole width.
  if (control.tag === "textarea") return [control, pickButton(form, field, "Refer to a value")];
  return h("div", { class: "panel-with-button" }, control, pickButton(form, field));
}

/** @param {Form} form @param {Field} field @param {string} [words] @returns {Shape} */
function pickButton(form, field, words = "") {
  const onClick = async () => {
    const control = document.getElementById(form.idOf(field));
    const chosen = await form.around.pick?.(field);
    if (!chosen) return;
    form.asText.delete(form.keyOf(field));
    const among = control instanceof HTMLTextAreaElement && control.value.trim();
    if (among) takeText(form, field, put(control, chosen, field.kind.type === "json"));
    else {
      form.typed.forget(form.keyOf(field));
      form.set(field, chosen, `Refer to ${chosen}`);
    }
    document.getElementById(form.idOf(field))?.focus();
  };
  return h(
    "button",
    { type: "button", class: `button button-small ${words ? "button-quiet panel-refer" : "button-icon"}`, "aria-label": `Refer to a value for ${field.label}`, title: "Refer to a value of another step or of the pipeline", onClick },
    icon("link"), words,
  );
}

/** The text with a reference at the cursor, in quotes where JSON needs them. @param {HTMLTextAreaElement} control @param {string} chosen @param {boolean} json */
function put({ value, selectionStart, selectionEnd }, chosen, json) {
  const before = value.slice(0, selectionStart);
  const quoted = json && before.replaceAll(/\\./g, "").split('"').length % 2 === 1;
  return before + (quoted ? JSON.stringify(chosen) : chosen) + value.slice(selectionEnd);
}

/** @param {Form} form @param {Field} field @param {import("../../model/references.js").Reference} reference */
function drawReference(form, field, reference) {
  const asText = () => {
    form.asText.add(form.keyOf(field));
    form.around.redraw();
    document.getElementById(form.idOf(field))?.focus();
  };
  const buttons = h(
    "div", { class: "panel-chip-tools" },
    form.mayRefer(field) && pickButton(form, field),
    h("button", { type: "button", class: "button button-small button-icon", "aria-label": `Edit ${field.label} as text`, title: "Edit as text", onClick: asText }, icon("edit")),
  );
  const { id, "aria-describedby": about } = controlProps(form, field);
  const main = chip(form, reference, { id, "aria-describedby": about });
  return frame(form, field, h("div", { class: "panel-with-button" }, main, buttons), { group: true, below: lastValue(form, reference) });
}
