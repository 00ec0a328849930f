/** The panel of the pipeline itself, when nothing is selected: what it is called, what it takes and gives, its defaults. */

import { h } from "../elements.js";
import { setField } from "../model/commands.js";
import { isEditable, stepsByName } from "../model/document.js";
import { valueOf } from "./last_values.js";
import { others, schemaField, schemaFields } from "./form_model.js";
import { complaintOf } from "./fields/frame.js";
import { Panel } from "./panel.js";
import { Details } from "./pipeline/details.js";
import { drawGroups } from "./pipeline/groups.js";
import { Parameters } from "./pipeline/parameters.js";
import { Form } from "./schema_form.js";
import { fold, section } from "./step/one.js";

/**
 * @typedef {import("./panel.js").Session} Session
 * @typedef {import("./panel.js").Place} Place
 */

/** What has a place of its own: here, on the canvas, or in the steps' panel. */
const SHOWN_ELSEWHERE = ["schema", "steps", "layout", "notes", "parameters", "outputs", "groups", "defaults", "run", "hooks"];
const ID = "pipeline";
/** A draft may hold anything that was put there over REST. */
const UNREADABLE = "What this draft holds is no pipeline's document, so there is nothing to fill in. Its text is under Code; a version, or a file, can take its place.";

export class PipelinePanel extends Panel {
  /** @param {Session} session @param {Place} place */
  constructor(session, place) {
    super(session, place);
    this.form = new Form(this.around());
    /** What stands in the forms of groups, by their names. @type {Map<string, Form>} */
    this.groupForms = new Map();
    this.details = new Details(this);
    this.parameters = new Parameters(this);
  }

  /** @returns {import("./schema_form.js").Around} */
  around() {
    return {
      id: ID,
      change: (path, value, label) => {
        this.perform(label, (document) => setField(document, path, value), { coalesce: `pipeline ${path.join(" ")}` });
      },
      redraw: () => this.drawNow(),
      complaints: (path) => this.problemsAt(path),
      pick: (field) => this.picker.open({ step: null, label: field.label }),
      refers: ({ path }) => path[0] === "outputs",
      go: (step) => this.goTo(step),
      known: (name) => stepsByName(this.session.document).has(name),
      last: (reference) => valueOf(this.lastValues.now(), reference),
    };
  }

  /** @override */
  draw() {
    const { document } = this.session;
    const { properties } = this.schema;
    if (!isEditable(document)) return [this.details.draw(), this.#drawProblems(), h("p", { class: "muted" }, UNREADABLE)];
    const rest = schemaFields(this.schema, document, { without: SHOWN_ELSEWHERE });
    return [
      this.details.draw(),
      this.#drawProblems(),
      section("parameters", "Parameters of a run", this.parameters.draw()),
      section("outputs", "Outputs", [this.#drawOutputs()]),
      this.#fold("Defaults for steps", "defaults"),
      this.#fold("The whole run", "run"),
      this.#fold("Hooks", "hooks"),
      properties.groups ? drawGroups(this) : null,
      fold(this.form, "More", rest),
      this.#drawOthers(),
    ];
  }

  #drawOutputs() {
    const field = schemaField(this.schema.properties.outputs, this.session.document.outputs, ["outputs"]);
    return this.form.draw({ ...field, label: "What a run gives", help: "A name for each, and the value that it has in the end.", fixed: true });
  }

  /** A part of the document that is an object of its own. @param {string} heading @param {string} name */
  #fold(heading, name) {
    const schema = this.schema.properties[name];
    if (!schema || schema["x-supported"] === false) return null;
    return fold(this.form, heading, schemaFields(schema, this.session.document[name] ?? {}, { path: [name] }));
  }

  #drawOthers() {
    const found = others(this.schema, this.session.document);
    if (!found.length) return null;
    const words = (/** @type {boolean} */ kept) => (kept ? "kept as it is" : "not supported yet");
    const items = found.map(({ name, kept }) => h("li", { key: name }, h("code", null, name), h("span", { class: "muted small" }, words(kept))));
    return section("others", "Other keys", [h("ul", { class: "panel-list" }, items)]);
  }

  /** What is wrong with the document and belongs to no step and no field here. */
  #drawProblems() {
    const homeless = this.session.problems.filter(({ step, where }) => !step && !/^(parameters|outputs|defaults|run|groups|tags|hooks)\b/.test(String(where ?? "")));
    if (!homeless.length) return null;
    return h("div", { key: "problems", class: "panel-problems" }, homeless.map((problem) => complaintOf(this.complaint(problem))));
  }

  /** @param {(string | number)[]} path */
  problemsAt(path) {
    const wanted = whereOf(path);
    return this.session.problems.filter(({ step, where }) => !step && where === wanted).map((problem) => this.complaint(problem));
  }

  /** Also `parameters[2].default`, `outputs.best`. @override @param {string} path */
  focusField(path) {
    const row = /^parameters(?:\[|\.)(\d+)/.exec(path);
    if (row) this.parameters.open.add(Number(row[1]));
    this.drawNow();
    return this.focusId(`${ID}-${encodeURIComponent(path.replaceAll(/\[(\d+)\]/g, ".$1"))}`);
  }
}

/** A path as problems write it. @param {(string | number)[]} path */
export const whereOf = (path) => path.reduce((/** @type {string} */ where, part) => (typeof part === "number" ? `${where}[${part}]` : where ? `${where}.${part}` : part), "");
