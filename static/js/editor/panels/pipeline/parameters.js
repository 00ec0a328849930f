/** The parameters that a run takes: added, ordered, changed; a new name goes wherever the old one was referred to. */

import { h, icon } from "../../elements.js";
import { renameParameter, setField } from "../../model/commands.js";
import { freeName } from "../../model/document.js";
import { isObject } from "../../model/json.js";
import { kindOfSpec, schemaField } from "../form_model.js";
import { frame } from "../fields/frame.js";
import { drawName } from "../fields/name.js";
import { drawValue } from "../fields/value.js";
import { read, shortened, shown, written } from "../values.js";

/**
 * @typedef {import("../form_model.js").Spec} Spec
 * @typedef {import("../form_model.js").Field} Field
 */

const NUMERIC = ["integer", "number"];

export class Parameters {
  /** @param {import("../pipeline_panel.js").PipelinePanel} panel */
  constructor(panel) {
    this.panel = panel;
    /** Which rows are open, by their place. @type {Set<number>} */
    this.open = new Set();
  }

  /** What is declared, whatever it is. @returns {readonly any[]} */
  get declared() {
    const { parameters } = this.panel.session.document;
    return Array.isArray(parameters) ? parameters : [];
  }

  /** The same as far as it can be read. @returns {Spec[]} */
  get specs() {
    return this.declared.map((one) => (isObject(one) ? /** @type {Spec} */ ({ ...one, name: written(one.name) }) : { name: "" }));
  }

  draw() {
    const { specs } = this;
    const onClick = () => this.#add();
    return [
      specs.length ? h("ol", { key: "rows", class: "panel-rows" }, specs.map((spec, place) => this.#drawRow(spec, place))) : h("p", { key: "none", class: "muted" }, "None yet. Steps use one by a reference."),
      h("button", { key: "add", type: "button", class: "button button-small", onClick }, icon("plus"), "Add a parameter"),
    ];
  }

  /** @param {Spec} spec @param {number} place */
  #drawRow(spec, place) {
    const usual = spec.default === undefined || spec.default === null ? "" : ` = ${shortened(written(spec.default), 40)}`;
    const about = `${spec.type ?? "string"}${usual}${spec.required ? " · required" : ""}`;
    const wrong = this.panel.session.problems.some(({ step, where }) => !step && String(where).startsWith(`parameters[${place}]`));
    const onToggle = (/** @type {Event} */ event) => {
      const row = /** @type {HTMLDetailsElement} */ (event.currentTarget);
      if (row.open === this.open.has(place)) return;
      this.open[row.open ? "add" : "delete"](place);
      this.panel.drawNow();
    };
    return h(
      "li", { key: `row ${place}` },
      h(
        "details", { class: "panel-row", open: this.open.has(place), onToggle },
        h("summary", null, h("b", null, spec.name || "(no name)"), " ", h("span", { class: "muted small" }, about), wrong ? icon("warning") : null),
        this.open.has(place) ? this.#drawFields(spec, place) : null,
      ),
    );
  }

  /** @param {Spec} spec @param {number} place */
  #drawFields(spec, place) {
    const { form } = this.panel;
    const { properties } = this.panel.schema.properties.parameters.items;
    const at = (/** @type {string} */ key) => ({
      ...schemaField(properties[key], /** @type {any} */ (spec)[key], ["parameters", /** @type {any} */ (place), key]), fixed: true,
    });
    const numeric = NUMERIC.includes(spec.type ?? "string");
    return h(
      "div", { class: "panel-row-fields" },
      this.#drawName(spec, place), form.draw(at("type")), drawValue(form, this.#defaultField(spec, at("default"))),
      form.draw(at("required")), spec.type === "boolean" || spec.type === "json" ? null : this.#drawChoices(spec, at("choices")),
      numeric ? h("div", { class: "panel-pair" }, form.draw(at("minimum")), form.draw(at("maximum"))) : null,
      form.draw({ ...at("help"), long: false }), form.draw(at("section")), this.#drawTools(spec, place),
    );
  }

  /** The default is a value of the parameter's own type. @param {Spec} spec @param {Field} field @returns {Field} */
  #defaultField(spec, field) {
    const kind = { ...kindOfSpec(spec), default: undefined, required: false };
    // Emptied, it is left out; an empty text is what a text has without one anyway.
    return { ...field, kind, value: spec.default ?? undefined, help: field.help, long: kind.type === "json" };
  }

  /** Choices stand one a line, read as the parameter's type. @param {Spec} spec @param {Field} field */
  #drawChoices(spec, field) {
    const { form } = this.panel;
    const kind = { ...kindOfSpec(spec), choices: undefined, minimum: undefined, maximum: undefined };
    const type = /** @type {any} */ (kind.type === "choice" ? "string" : kind.type);
    const lines = (Array.isArray(spec.choices) ? spec.choices : []).map((one) => shown({ type }, one)).join("\n");
    const text = form.typed.at(form.keyOf(field), field.value)?.text ?? lines;
    const onInput = (/** @type {Event} */ event) => {
      const typed = /** @type {HTMLTextAreaElement} */ (event.target).value;
      const said = typed.split("\n").filter((line) => line.trim());
      const choices = said.length ? said.map((line) => read({ type }, line).value) : undefined;
      form.typed.keep(form.keyOf(field), typed, choices);
      form.set(field, choices);
    };
    const area = h("textarea", { id: form.idOf(field), rows: String(Math.min(8, Math.max(2, text.split("\n").length))), value: text, spellcheck: "false", "aria-describedby": `${form.idOf(field)}-about`, onInput });
    return frame(form, { ...field, shape: "words", help: "One a line; without any, all values are allowed" }, area);
  }

  /** @param {Spec} spec @param {number} place */
  #drawName(spec, place) {
    const path = ["parameters", /** @type {any} */ (place), "name"];
    const fault = (/** @type {string} */ name) => {
      if (!name.trim()) return "A parameter needs a name.";
      return this.specs.some((one) => one.name === name) ? `There is a parameter “${name}” already.` : "";
    };
    // References cannot tell which one of two is meant.
    const alone = this.specs.filter((one) => one.name === spec.name).length === 1 && spec.name;
    const change = (/** @type {string} */ name) => (/** @type {any} */ document) =>
      alone ? renameParameter(document, spec.name, name) : setField(document, path, name);
    return drawName({
      id: `pipeline-${encodeURIComponent(path.join("."))}`, value: spec.name, typed: this.panel.form.typed, most: 200, fault,
      rename: (name) => this.panel.perform(`Rename parameter ${spec.name} to ${name}`, change(name)),
      redraw: () => this.panel.drawNow(), complaints: this.panel.problemsAt(path),
    });
  }

  /** @param {Spec} spec @param {number} place */
  #drawTools(spec, place) {
    const last = this.specs.length - 1;
    const tool = (/** @type {string} */ word, /** @type {string} */ sign, /** @type {() => void} */ onClick, disabled = false) =>
      h("button", { key: word, id: `parameter-${place}-${word}`, type: "button", class: "button button-small", "aria-label": `${word} ${spec.name}`, disabled, onClick }, icon(sign), word);
    return h(
      "div", { class: "panel-buttons" },
      tool("Up", "chevron-up", () => this.#move(place, place - 1, "Up"), place === 0),
      tool("Down", "chevron-down", () => this.#move(place, place + 1, "Down"), place === last),
      tool("Remove", "trash", () => this.#remove(place)),
    );
  }

  #add() {
    const taken = new Set(this.specs.map(({ name }) => name));
    const name = freeName(taken, "parameter");
    this.open.add(this.specs.length);
    this.panel.perform(`Add parameter ${name}`, (document) => setField(document, ["parameters"], [...this.declared, { name }]));
    const input = document.getElementById(`pipeline-${encodeURIComponent(`parameters.${this.specs.length - 1}.name`)}`);
    if (!(input instanceof HTMLInputElement)) return;
    input.focus();
    input.select();
  }

  /** @param {number} place */
  #remove(place) {
    const left = this.declared.filter((_, other) => other !== place);
    this.open = new Set([...this.open].filter((one) => one !== place).map((one) => (one > place ? one - 1 : one)));
    const change = (/** @type {any} */ document) => setField(document, ["parameters"], left.length ? left : undefined);
    this.panel.perform(`Remove parameter ${this.specs[place].name}`, change);
  }

  /** @param {number} from @param {number} to @param {string} word the button that the focus stays on */
  #move(from, to, word) {
    const { name } = this.specs[from];
    const moved = [...this.declared];
    moved.splice(to, 0, ...moved.splice(from, 1));
    const swap = (/** @type {number} */ one) => (one === from ? to : one === to ? from : one);
    this.open = new Set([...this.open].map(swap));
    this.panel.perform(`Move parameter ${name}`, (document) => setField(document, ["parameters"], moved));
    const button = document.getElementById(`parameter-${to}-${word}`);
    if (button instanceof HTMLButtonElement && !button.disabled) button.focus();
    else document.getElementById(`parameter-${to}-${word === "Up" ? "Down" : "Up"}`)?.focus();
  }
}
