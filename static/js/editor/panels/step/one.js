/** One step: its name and template, its parameters, what comes before it, and everything else that the schema has. */

import { h } from "../../elements.js";
import { isObject } from "../../model/json.js";
import { removeSteps, setStepField } from "../../model/commands.js";
import { complaintOf } from "../fields/frame.js";
import { offered, others, parameterSections, schemaField, schemaFields, strangers, withDefaults, worded } from "../form_model.js";
import { removeButton } from "../fields/lists.js";
import { parametersOf } from "../templates.js";
import { drawHead } from "./head.js";
import { drawOrder } from "./order.js";

/**
 * @typedef {import("../step_panel.js").StepPanel} StepPanel
 * @typedef {import("../schema_form.js").Form} Form
 * @typedef {import("../form_model.js").Field} Field
 * @typedef {import("../../model/document.js").Step} Step
 * @typedef {import("../../elements.js").Shape} Shape
 */

/** What has a place of its own in this panel. */
const SHOWN_ABOVE = ["name", "kind", "template", "pipeline", "version", "parameters", "parents"];

/** Where the other keys stand; a key that nobody has thought of yet stands under the last. */
const PLACES = [
  { heading: "When it starts", keys: ["trigger", "when", "for_each", "loop", "may_fail", "cache"] },
  { heading: "Queue, time and retries", keys: ["queue", "priority", "timeout", "queue_timeout", "grace", "retries"] },
  { heading: "What the run gets of it", keys: ["monitor", "monitor_artifacts", "monitor_models"] },
  { heading: "Hooks", keys: ["hooks"] },
  { heading: "Notes and tags", keys: ["comment", "tags", "group"] },
  { heading: "More", keys: [] },
];

/** @param {StepPanel} panel @param {Step} step @returns {Shape[]} */
export function drawStep(panel, step) {
  const form = panel.formOf(step.name);
  const schema = panel.schema.properties.steps.items;
  const without = [...SHOWN_ABOVE, "approval"];
  const fields = withDefaults(schemaFields(schema, step, { without, kind: step.kind ?? "task" }), panel.session.document.defaults);
  const place = (/** @type {Field} */ { path }) => PLACES.findIndex(({ keys }) => keys.includes(path[0]));
  const placed = PLACES.map(({ heading }, number) =>
    ({ heading, fields: fields.filter((field) => (place(field) < 0 ? PLACES.length - 1 : place(field)) === number) }));
  const [starts, ...rest] = placed;
  return [
    drawHead(panel, step),
    drawProblems(panel, step),
    ...(step.kind === "approval" ? drawApproval(panel, form, step) : drawParameters(panel, form, step)),
    section("order", starts.heading, [drawOrder(panel, step), ...form.drawAll(starts.fields)]),
    ...rest.map(({ heading, fields: inner }) => fold(form, heading, opened(heading, inner))),
    drawOthers(panel, step, schema),
    h("div", { key: "foot", class: "panel-foot" }, removeStepButton(panel, step)),
  ].filter((shape) => shape !== null);
}

/** A group that would stand alone under its own name is shown as its fields. @param {string} heading @param {Field[]} fields */
const opened = (heading, fields) => (fields.length === 1 && fields[0].label === heading ? fields[0].fields : fields);

/** @param {string} key @param {string} heading @param {import("../../elements.js").Given[]} children */
export const section = (key, heading, children) =>
  h("section", { key, class: "panel-section", "aria-label": heading }, h("h3", null, heading), children);

/** What is seldom changed stands folded, with how much of it was. @param {Form} form @param {string} heading @param {Field[]} fields */
export function fold(form, heading, fields) {
  if (!fields.length) return null;
  const set = fields.filter(({ value }) => value !== undefined).length;
  const wrong = fields.some((field) => [field, ...field.fields].some((one) => form.isWrong(one)));
  const count = set ? h("span", { class: "badge" }, `${set} set`) : null;
  const summary = h("summary", null, h("h3", null, heading), count, wrong ? h("span", { class: "badge badge-warning" }, "problem") : null);
  return h("details", { key: heading, class: "panel-section panel-fold", open: wrong || undefined }, summary, form.drawAll(fields));
}

/** What is wrong with the step and has no field of its own here. @param {StepPanel} panel @param {Step} step */
function drawProblems(panel, step) {
  const fields = new Set(Object.keys(panel.schema.properties.steps.items.properties));
  const homeless = panel.problemsOf(step.name).filter(({ key }) => !fields.has(key.split(/[.[]/)[0]) || key === "parameters");
  if (!homeless.length) return null;
  return h("div", { key: "problems", class: "panel-problems" }, homeless.map(({ problem }) => complaintOf(panel.complaint(problem))));
}

/** @param {StepPanel} panel @param {Form} form @param {Step} step */
function drawParameters(panel, form, step) {
  const given = isObject(step.parameters) ? step.parameters : {};
  const template = panel.templates.ofStep(step);
  const what = step.kind === "pipeline" ? "pipeline" : "template";
  if (!template) {
    const wait = h("p", { class: "muted" }, `Fetching what the ${what} takes…`);
    return [section("parameters", "Parameters", [panel.templates.waiting ? wait : drawLoose(panel, form, step)])];
  }
  const specs = parametersOf(template, step.version);
  const sections = parameterSections(specs, given).map(({ heading, fields }) => {
    const title = heading === "General" ? "Parameters" : heading;
    return section(`parameters ${heading}`, title, form.drawAll(fields));
  });
  const strange = strangers(specs, given).map((name) => strangerField(panel, form, step, name));
  if (strange.length) sections.push(section("strangers", `Not taken by this version of the ${what}`, strange));
  return sections.length ? sections : [section("parameters", "Parameters", [h("p", { class: "muted" }, `The ${what} takes none.`)])];
}

/** @param {StepPanel} panel @param {Form} form @param {Step} step */
function drawApproval(panel, form, step) {
  const schema = panel.schema.properties.steps.items.properties.approval;
  if (!offered(schema)) return [];
  return [section("approval", "The answer", form.drawAll(schemaFields(schema, step.approval ?? {}, { path: ["approval"] })))];
}

/** Without a template that is known, what is given is shown by name. @param {StepPanel} panel @param {Form} form @param {Step} step */
function drawLoose(panel, form, step) {
  const field = schemaField(panel.schema.properties.steps.items.properties.parameters, step.parameters, ["parameters"]);
  return form.draw({ ...field, label: "Values by name", fixed: true });
}

/** @param {StepPanel} panel @param {Form} form @param {Step} step @param {string} name */
function strangerField(panel, form, step, name) {
  const inner = panel.schema.properties.steps.items.properties.parameters.additionalProperties ?? {};
  const field = schemaField(inner, step.parameters[name], ["parameters", name]);
  return form.draw({ ...field, label: name, help: "", undo: "Remove" });
}

/** What stands in the step and is not offered: it can be taken out, or is somebody else's. @param {StepPanel} panel @param {Step} step @param {any} schema */
function drawOthers(panel, step, schema) {
  const kind = step.kind ?? "task";
  const found = others(schema, step, kind);
  if (!found.length) return null;
  const items = found.map(({ name, kept }) => {
    const remove = () => panel.perform(`Remove ${name} from ${step.name}`, (document) => setStepField(document, step.name, [name], undefined));
    const known = schema.properties[name];
    const about = kept ? "kept as it is" : known && offered(known) ? `not for a step of kind ${kind}` : "not supported yet";
    return h("li", { key: name }, h("code", null, name), h("span", { class: "muted small" }, about), removeButton(`Remove ${worded(name)}`, remove));
  });
  return section("others", "Other keys", [h("ul", { class: "panel-list" }, items)]);
}

/** @param {StepPanel} panel @param {Step} step */
function removeStepButton(panel, step) {
  const onClick = () => panel.perform(`Delete ${step.name}`, (document) => removeSteps(document, [step.name], { heal: true }));
  return h("button", { type: "button", class: "button button-small button-danger", onClick }, `Delete ${step.name}`);
}
