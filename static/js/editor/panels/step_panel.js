/** The panel of what is selected: one step, several, a connection, a note. */

import { h } from "../elements.js";
import { stepsByName } from "../model/document.js";
import { edgeOfKey, REFERRING } from "../model/graph.js";
import { setStepField } from "../model/commands.js";
import { Panel } from "./panel.js";
import { whereOf } from "./pipeline_panel.js";
import { Form } from "./schema_form.js";
import { valueOf } from "./last_values.js";
import { NAME } from "./step/head.js";
import { drawEdges } from "./step/edge.js";
import { drawMany } from "./step/many.js";
import { drawNotes } from "./step/notes.js";
import { drawStep } from "./step/one.js";

/**
 * @typedef {import("./panel.js").Session} Session
 * @typedef {import("./panel.js").Place} Place
 * @typedef {import("./form_model.js").Field} Field
 */

export class StepPanel extends Panel {
  /** @param {Session} session @param {Place} place */
  constructor(session, place) {
    super(session, place);
    /** A form for each step that was looked at: what was typed there stays. @type {Map<string, Form>} */
    this.forms = new Map();
    /** @type {string[] | null} */
    this.queues = null;
  }

  /** @override */
  draw() {
    const { steps, edges, notes } = this.session.selection;
    const [name] = steps;
    const one = steps.size === 1 ? stepsByName(this.session.document).get(name) : undefined;
    if (one) return drawStep(this, one);
    if (steps.size) return drawMany(this, [...steps]);
    if (edges.size) return drawEdges(this, [...edges].map(edgeOfKey));
    if (notes.size) return drawNotes(this, [...notes]);
    return [h("p", { key: "nothing", class: "empty" }, "Select a step to see what it is made of.")];
  }

  /** @param {string} step */
  formOf(step) {
    const found = this.forms.get(step) ?? new Form(this.#around(step));
    this.forms.set(step, found);
    return found;
  }

  /** @param {string} step @returns {import("./schema_form.js").Around} */
  #around(step) {
    return {
      id: `step-${encodeURIComponent(step)}`,
      change: (path, value, label) => {
        const coalesce = `${step} ${path.join(" ")}`;
        this.perform(`${label} in ${step}`, (document) => setStepField(document, step, path, value), { coalesce });
      },
      redraw: () => this.drawNow(),
      complaints: (path, shape) => this.problemsAt(step, path, shape === "rows"),
      pick: (field) => this.picker.open({ step, label: field.label }),
      // Where references make a step come after others; the check knows the rest.
      refers: ({ path }) => REFERRING.includes(path[0]),
      go: (name) => this.goTo(name),
      known: (other) => stepsByName(this.session.document).has(other),
      last: (reference) => valueOf(this.lastValues.now(), reference),
      suggestions: (field) => this.#suggestions(field),
    };
  }

  /** @param {Field} field */
  #suggestions(field) {
    if (field.path[0] === "queue") return this.#queueNames();
    if (field.path[0] !== "group") return null;
    const { groups, steps } = this.session.document;
    const named = [...(Array.isArray(groups) ? groups.map((group) => group?.name) : []), ...steps.map((step) => step?.group)];
    return [...new Set(named)].filter((name) => typeof name === "string" && name);
  }

  #queueNames() {
    if (this.queues) return this.queues;
    this.queues = [];
    this.place.api.get("../../queues/").then(
      (/** @type {{name: string}[]} */ queues) => {
        this.queues = queues.map(({ name }) => name);
        this.redraw();
      },
      () => {},
    );
    return this.queues;
  }

  /** What the check says of a field. @param {string} step @param {string[]} path @param {boolean} [rows] whether what stands in it has fields of its own */
  problemsAt(step, path, rows = false) {
    const wanted = whereOf(path);
    const inside = (/** @type {string} */ key) => key.startsWith(`${wanted}[`) && !(rows && key.slice(wanted.length).includes("."));
    return this.problemsOf(step).filter(({ key }) => key === wanted || inside(key)).map(({ problem }) => this.complaint(problem));
  }

  /** What the check says of a step, with the field that it means. @param {string} step */
  problemsOf(step) {
    return this.session.problems
      .filter((problem) => problem.step === step)
      .map((problem) => ({ problem, key: String(problem.where ?? "").replace(/^steps\[\d+\]\.?/, "") }));
  }

  /** Also `parameters.General/rows`. @override @param {string} path */
  focusField(path) {
    const [step] = this.session.selection.steps;
    if (step === undefined) return false;
    const id = `step-${encodeURIComponent(step)}-${encodeURIComponent(path)}`;
    if (path === "name") return this.focusId(NAME);
    const inRow = `step-${encodeURIComponent(step)}-${encodeURIComponent(path.replaceAll(/\[(\d+)\]/g, ".$1"))}`;
    return this.focusId(id) || this.focusId(inRow) || this.focusId(id.replace(/%5B\d+%5D.*$/, "")) || this.focusId(NAME);
  }

  /** Selects the name to be typed over. */
  rename() {
    this.focusId(NAME);
    const input = document.getElementById(NAME);
    if (input instanceof HTMLInputElement) input.select();
  }
}
