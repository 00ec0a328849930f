/** A form: draws fields of any shape, takes what is filled in over into the document, says what is wrong with it. */

import { h } from "../elements.js";
import { isObject, same } from "../model/json.js";
import { complaintOf } from "./fields/frame.js";
import { drawMap, drawRows, drawSet, drawWords } from "./fields/lists.js";
import { drawValue } from "./fields/value.js";
import { Typed } from "./typed.js";
import { fault } from "./values.js";

/**
 * @typedef {import("./form_model.js").Field} Field
 * @typedef {import("../elements.js").Shape} Shape
 * @typedef {import("../model/references.js").Reference} Reference
 * @typedef {{message: string, fix?: {label: string, act: () => void}}} Complaint
 * @typedef {{
 *   id: string,
 *   change: (path: string[], value: any, label: string) => void,
 *   redraw: () => void,
 *   complaints?: (path: string[], shape?: import("./form_model.js").Shape) => Complaint[],
 *   pick?: (field: Field) => Promise<string | null>,
 *   refers?: (field: Field) => boolean,
 *   go?: (step: string) => void,
 *   known?: (step: string) => boolean,
 *   last?: (reference: Reference) => import("./last_values.js").Last | null,
 *   suggestions?: (field: Field) => string[] | null,
 * }} Around what a form needs of where it stands; `id` names it and what it is about,
 *   `refers` tells which fields may hold references, `pick` asks for one
 */

export class Form {
  /** @param {Around} around */
  constructor(around) {
    this.around = around;
    this.typed = new Typed();
    /** References that are to be edited as text, by key. @type {Set<string>} */
    this.asText = new Set();
  }

  /** @param {Field[]} fields @returns {Shape[]} */
  drawAll(fields) {
    return fields.map((field) => this.draw(field));
  }

  /** @param {Field} field @returns {Shape} */
  draw(field) {
    if (field.shape === "group") return this.#drawGroup(field);
    if (field.shape === "words" && listed(field.value)) return drawWords(this, field);
    if (field.shape === "set" && listed(field.value)) return drawSet(this, field);
    if (field.shape === "rows" && listed(field.value)) return drawRows(this, field);
    if (field.shape === "map" && (field.value === undefined || isObject(field.value))) return drawMap(this, field);
    return drawValue(this, field);
  }

  /** @param {Field} field */
  #drawGroup(field) {
    const legend = h("legend", { class: "panel-legend" }, field.label);
    const help = field.help ? h("p", { class: "field-help" }, field.help) : null;
    const wrong = (this.around.complaints?.(field.path) ?? []).map(complaintOf);
    return h("fieldset", { key: field.key, class: "panel-group" }, legend, wrong, help, this.drawAll(field.fields));
  }

  /** Where the field's control is found, and what names it. @param {Field} field */
  idOf(field) {
    return `${this.around.id}-${encodeURIComponent(field.path.join("."))}`;
  }

  /** @param {Field} field */
  keyOf(field) {
    return `${this.around.id} ${field.key}`;
  }

  /** Takes a value over; `undefined` leaves the field to its default. @param {Field} field @param {any} value @param {string} [label] */
  set(field, value, label = `Change ${field.label}`) {
    if (same(field.value, value)) this.around.redraw();
    else this.around.change(field.path, value, label);
  }

  /** @param {Field} field */
  reset(field) {
    this.typed.forget(this.keyOf(field));
    this.set(field, undefined, `Reset ${field.label}`);
  }

  /** @param {Field} field */
  mayRefer(field) {
    return Boolean(this.around.pick && this.around.refers?.(field));
  }

  /** What is wrong with a field, in the order in which one should read it. @param {Field} field @returns {Complaint[]} */
  complaints(field) {
    const said = this.typed.at(this.keyOf(field), field.value)?.error || this.#fault(field);
    if (said) return [{ message: said }];
    return this.around.complaints?.(field.path, field.shape) ?? [];
  }

  /** Whether something is wrong with it, or with what stands in it. @param {Field} field */
  isWrong(field) {
    return this.complaints(field).length > 0 || Boolean(this.around.complaints?.(field.path).length);
  }

  /** @param {Field} field */
  #fault(field) {
    return field.shape === "value" ? fault(field.kind, field.value) : "";
  }
}

/** @param {any} value */
const listed = (value) => value === undefined || Array.isArray(value);
