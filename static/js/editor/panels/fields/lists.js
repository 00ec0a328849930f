/** Fields of many values: words, a set of choices, rows of fields, values by name. */

import { h, icon } from "../../elements.js";
import { isMeant, kindOfSchema, schemaField, schemaFields, worded } from "../form_model.js";
import { controlProps, frame } from "./frame.js";

/**
 * @typedef {import("../schema_form.js").Form} Form
 * @typedef {import("../form_model.js").Field} Field
 * @typedef {import("../../elements.js").Shape} Shape
 */

/** @param {Form} form @param {Field} field @returns {Shape} */
export function drawWords(form, field) {
  /** @type {string[]} */
  const words = field.value ?? [];
  const add = (/** @type {HTMLInputElement} */ input) => {
    const fresh = input.value.split(",").map((word) => word.trim()).filter((word) => word && !words.includes(word));
    input.value = "";
    if (fresh.length) form.set(field, [...words, ...fresh], `Add ${fresh.join(", ")} to ${field.label}`);
  };
  const onKeydown = (/** @type {KeyboardEvent} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (event.key !== "Enter" && event.key !== ",") return;
    event.preventDefault();
    add(input);
  };
  const remove = (/** @type {string} */ word) => form.set(field, without(words, word), `Remove ${word} from ${field.label}`);
  const list = h("ul", { class: "tags panel-words" }, words.map((word) =>
    h("li", { key: word, class: "badge" }, String(word), removeButton(`Remove ${word}`, () => remove(word)))));
  const input = h("input", {
    ...controlProps(form, field), type: "text", placeholder: "Add, then Enter", autocomplete: "off",
    onKeydown, onChange: (/** @type {Event} */ event) => add(/** @type {HTMLInputElement} */ (event.target)),
  });
  return frame(form, field, [words.length ? list : null, input]);
}

/** @param {string[]} words @param {string} word */
const without = (words, word) => (words.length === 1 ? undefined : words.filter((one) => one !== word));

/** @param {string} name @param {() => void} onClick @returns {Shape} */
export const removeButton = (name, onClick) =>
  h("button", { type: "button", class: "panel-remove", "aria-label": name, title: name, onClick }, icon("close"));

/** @param {Form} form @param {Field} field @returns {Shape} */
export function drawSet(form, field) {
  /** @type {string[]} */
  const choices = field.schema.items.enum;
  /** @type {string[]} */
  const chosen = field.value ?? field.kind.default ?? [];
  const boxes = choices.map((one) => {
    const onChange = () => form.set(field, choices.filter((other) => chosen.includes(other) !== (other === one)));
    return h("label", { key: one, class: "check" }, h("input", { type: "checkbox", checked: chosen.includes(one), onChange }), worded(one));
  });
  return frame(form, field, h("div", { id: form.idOf(field), class: "panel-set" }, boxes), { group: true });
}

/** @param {Form} form @param {Field} field @returns {Shape} */
export function drawRows(form, field) {
  /** @type {Record<string, any>[]} */
  const rows = field.value ?? [];
  const name = field.label.toLowerCase();
  const drawn = rows.map((row, place) => {
    const path = [...field.path, /** @type {any} */ (place)];
    const fields = schemaFields(field.schema.items, row, { path });
    for (const one of fields.filter(({ kind }) => kind.choices)) one.chosen = (value) => choose(form, field.schema.items, row, one, value);
    const remove = removeButton(`Remove ${name} ${place + 1}`, () => form.set(field, replaced(rows, place), `Remove from ${field.label}`));
    return h("fieldset", { key: `row ${place}`, class: "panel-group" }, h("legend", { class: "panel-legend" }, `${place + 1}`, remove), form.drawAll(fields));
  });
  const onClick = () => form.set(field, [...rows, blank(field.schema.items)], `Add to ${field.label}`);
  const add = h("button", { type: "button", id: form.idOf(field), class: "button button-small", "aria-label": `Add to ${name}`, onClick }, icon("plus"), "Add");
  return frame(form, field, [drawn, add], { group: true });
}

/**
 * A word that is chosen in a row takes out what is for other words only, and brings what is good to begin with.
 * @param {Form} form @param {Record<string, any>} schema @param {Record<string, any>} row @param {Field} field @param {any} value
 */
function choose(form, schema, row, field, value) {
  const name = String(field.path.at(-1));
  const changed = { ...row, [name]: value };
  for (const [other, inner] of Object.entries(schema.properties)) {
    if (!inner["x-when"]) continue;
    if (!isMeant(schema, inner, changed)) delete changed[other];
    else if (inner["x-starts"]) changed[other] ??= inner["x-starts"];
  }
  if (value === undefined) delete changed[name];
  form.around.change(field.path.slice(0, -1), changed, `Change ${field.label}`);
}

/** @param {any[]} rows @param {number} place */
function replaced(rows, place) {
  const left = rows.filter((_, other) => other !== place);
  return left.length ? left : undefined;
}

/** What a new row must have to be one, and what it is good to begin with. @param {Record<string, any>} schema */
function blank(schema) {
  const row = needed(schema);
  for (const [name, inner] of Object.entries(schema.properties)) {
    if (inner["x-starts"] && isMeant(schema, inner, row)) row[name] = inner["x-starts"];
  }
  return row;
}

/** @param {Record<string, any>} schema @returns {Record<string, any>} */
function needed(schema) {
  const pairs = (schema.required ?? []).map((/** @type {string} */ name) => {
    const inner = schema.properties[name] ?? {};
    return [name, inner.default ?? inner.enum?.[0] ?? (inner.type === "string" ? "" : null)];
  });
  return Object.fromEntries(pairs);
}

/** @param {Form} form @param {Field} field @returns {Shape} */
export function drawMap(form, field) {
  /** @type {Record<string, any>} */
  const values = field.value ?? {};
  const inner = typeof field.schema.additionalProperties === "object" ? field.schema.additionalProperties : {};
  const entries = Object.entries(values).map(([name, value]) => {
    const entry = { ...schemaField(inner, value, [...field.path, name]), label: name, help: "", kind: kindOfSchema(inner), undo: "Remove" };
    return form.draw(entry);
  });
  const add = (/** @type {HTMLInputElement} */ input) => {
    const name = input.value.trim();
    if (!name || Object.hasOwn(values, name)) return;
    input.value = "";
    form.set(field, { ...values, [name]: "" }, `Add ${name} to ${field.label}`);
  };
  const onKeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add(/** @type {HTMLInputElement} */ (event.target));
  };
  const input = h("input", {
    ...controlProps(form, field), type: "text", placeholder: "Name, then Enter", autocomplete: "off",
    "aria-label": `Name of a new entry in ${field.label}`, onKeydown,
  });
  return frame(form, field, [entries.length ? h("div", { class: "panel-entries" }, entries) : null, input], { group: true });
}
