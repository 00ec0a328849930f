/** A reference in a field: which step gives what, what it gave last, the way there. */

import { h, icon } from "../../elements.js";
import { piecesOf, referencesIn } from "../../model/references.js";
import { shortened, written } from "../values.js";

/**
 * @typedef {import("../schema_form.js").Form} Form
 * @typedef {import("../form_model.js").Field} Field
 * @typedef {import("../../model/references.js").Reference} Reference
 * @typedef {import("../../elements.js").Shape} Shape
 */

const MOST_OPEN = 4;

/** The reference that is all of a value, if it is one. @param {any} value @returns {Reference | null} */
export function wholeReference(value) {
  const pieces = typeof value === "string" && value.includes("${") ? piecesOf(value) : null;
  const [only] = pieces ?? [];
  return pieces?.length === 1 && typeof only === "object" ? only : null;
}

/** What is meant, without the step. @param {Reference} reference */
export const meantBy = ({ source, what, path, each }) =>
  [each ? "every item" : "", source === "pipeline" && what === "parameters" ? "" : what, ...path].filter(Boolean).join(" › ");

/** @param {Reference} reference */
export const originOf = ({ source, step }) => (source === "step" ? step ?? "" : source === "pipeline" ? "this pipeline" : "the item");

/** One reference as a button that leads to its step. @param {Form} form @param {Reference} reference @param {Record<string, any>} [props] @returns {Shape} */
export function chip(form, reference, props = {}) {
  const { step } = reference;
  const name = `${originOf(reference)} › ${meantBy(reference)}`;
  const words = [h("b", null, originOf(reference)), h("span", null, ` › ${meantBy(reference)}`)];
  if (step === null) return h("span", { class: "panel-chip", tabindex: "-1", ...props }, icon("link"), words);
  if (form.around.known?.(step) === false) {
    return h("span", { class: "panel-chip panel-chip-broken", tabindex: "-1", ...props }, icon("warning"), words, h("span", null, " – there is no such step"));
  }
  const label = `${name}: go to step ${step}`;
  return h("button", { type: "button", class: "panel-chip", "aria-label": label, onClick: () => form.around.go?.(step), ...props }, icon("link"), words);
}

/** What a reference gave in the last run. @param {Form} form @param {Reference} reference @returns {Shape | null} */
export function lastValue(form, reference) {
  const last = form.around.last?.(reference);
  if (!last) return null;
  return h("p", { class: "field-help panel-last" }, last.run === undefined ? "Last run: " : `Run #${last.run}: `, h("code", null, last.words ?? (shortened(written(last.value), 160) || "(empty)")));
}

/** The references that stand within a value, for those that wonder what it is made of. @param {Form} form @param {Field} field @returns {Shape | null} */
export function usedIn(form, field) {
  /** @type {Map<string, Reference>} */
  const found = new Map();
  for (const one of referencesIn(field.value)) found.set(`${originOf(one)} ${meantBy(one)}`, one);
  if (!found.size) return null;
  const items = [...found].map(([key, one]) => h("li", { key }, chip(form, one), lastValue(form, one)));
  const list = h("ul", { class: "panel-used", "aria-label": `References in ${field.label}` }, items);
  return found.size <= MOST_OPEN ? list : h("details", { class: "panel-used-fold" }, h("summary", null, `${found.size} references`), list);
}
