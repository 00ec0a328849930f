/** What surrounds every field: its name and kind, whether it was changed and the way back, help, what is wrong. */

import { h, icon } from "../../elements.js";
import { shortened, written } from "../values.js";

/**
 * @typedef {import("../schema_form.js").Form} Form
 * @typedef {import("../schema_form.js").Complaint} Complaint
 * @typedef {import("../form_model.js").Field} Field
 * @typedef {import("../../elements.js").Shape} Shape
 * @typedef {import("../../elements.js").Given} Given
 */

/**
 * @param {Form} form @param {Field} field @param {Given} control
 * @param {{group?: boolean, below?: Given}} [options] `group`: the control is several, so it is named by a group
 * @returns {Shape}
 */
export function frame(form, field, control, { group = false, below = null } = {}) {
  const id = form.idOf(field);
  const changed = field.value !== undefined && !field.fixed;
  const name = group
    ? h("span", { id: `${id}-name`, class: "panel-label" }, field.label)
    : h("label", { for: id, id: `${id}-name`, class: "panel-label" }, field.label);
  return h(
    "div",
    {
      key: field.key, class: "field panel-field", "data-changed": changed && !field.undo, role: group ? "group" : null,
      "aria-labelledby": group ? `${id}-name` : null, "aria-describedby": group ? describedBy(form, field) : null,
    },
    h("div", { class: "field-label" }, name, h("span", { class: "field-kind" }, kindWords(field)), changed && resetButton(form, field)),
    control, below, about(form, field),
  );
}

/** A check box stands before its name. @param {Form} form @param {Field} field @param {Shape} box @returns {Shape} */
export function checkFrame(form, field, box) {
  const id = form.idOf(field);
  const changed = field.value !== undefined && !field.fixed;
  const name = h("span", { id: `${id}-name`, class: "panel-label" }, field.label);
  return h(
    "div", { key: field.key, class: "field panel-field", "data-changed": changed },
    h("div", { class: "field-label" }, h("label", { class: "check" }, box, name), changed && resetButton(form, field)),
    about(form, field),
  );
}

/** @param {Form} form @param {Field} field */
function resetButton(form, field) {
  const word = field.undo ?? "Reset";
  const to = field.kind.default === undefined || field.undo ? "" : ` to ${shortened(written(field.kind.default), 40)}`;
  return h(
    "button",
    { type: "button", class: "panel-reset", title: `${word}${to}`, "aria-label": `${word} ${field.label}${to}`, onClick: () => form.reset(field) },
    word,
  );
}

/** @param {Form} form @param {Field} field */
function about(form, field) {
  const complaints = form.complaints(field);
  if (!complaints.length && !field.help) return null;
  return h(
    "div", { id: aboutId(form, field), class: "panel-about" },
    complaints.map(complaintOf), field.help ? h("p", { class: "field-help" }, field.help) : null,
  );
}

/** @param {Complaint} complaint @returns {Shape} */
export function complaintOf({ message, fix }) {
  const button = fix && h("button", { type: "button", class: "button button-small", onClick: fix.act }, fix.label);
  return h("div", { class: "field-error" }, icon("warning"), h("span", null, message, " ", button));
}

/** @param {Form} form @param {Field} field */
const aboutId = (form, field) => `${form.idOf(field)}-about`;

/** What the control must say of itself. @param {Form} form @param {Field} field */
export function controlProps(form, field) {
  return {
    id: form.idOf(field),
    "aria-invalid": form.complaints(field).length ? "true" : null,
    "aria-describedby": describedBy(form, field),
    "aria-required": field.kind.required && field.kind.default === undefined ? "true" : null,
  };
}

/** @param {Form} form @param {Field} field */
function describedBy(form, field) {
  return form.complaints(field).length || field.help ? aboutId(form, field) : null;
}

/** @type {Record<string, string>} */
const WORDS = { integer: "whole number", number: "number", json: "JSON", boolean: "yes or no" };

/** @param {Field} field */
function kindWords({ kind, shape }) {
  const bounds = [
    typeof kind.minimum === "number" && `≥ ${kind.minimum}`,
    typeof kind.above === "number" && `> ${kind.above}`,
    typeof kind.maximum === "number" && `≤ ${kind.maximum}`,
  ].filter(Boolean).join(" ");
  const type = shape === "value" ? [WORDS[kind.type] ?? "", bounds].filter(Boolean).join(" ") : "";
  return [type, kind.required && kind.default === undefined && "required"].filter(Boolean).join(" · ");
}
