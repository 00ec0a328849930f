/** The head of a step's panel: its name, what it is, the version of its template and the newer one to take. */

import { h, icon } from "../../elements.js";
import { nameFault, stepsByName } from "../../model/document.js";
import { renameStep, setStepField } from "../../model/commands.js";
import { selectionOf } from "../../session.js";
import { drawName } from "../fields/name.js";
import { offered } from "../form_model.js";
import { newerThan } from "../templates.js";

/**
 * @typedef {import("../step_panel.js").StepPanel} StepPanel
 * @typedef {import("../../model/document.js").Step} Step
 */

/** Where the name is filled in. */
export const NAME = "panel-step-name";

/** @param {StepPanel} panel @param {Step} step */
export function drawHead(panel, step) {
  return h("div", { key: "head", class: "panel-head" }, h("h2", { class: "visually-hidden" }, `Step ${step.name}`), drawStepName(panel, step), drawOrigin(panel, step), drawNewer(panel, step));
}

/** @param {StepPanel} panel @param {Step} step */
function drawStepName(panel, step) {
  const rename = (/** @type {string} */ name) => {
    const change = (/** @type {any} */ document) => renameStep(document, step.name, name);
    panel.perform(`Rename ${step.name} to ${name}`, change, { select: selectionOf({ steps: [name] }) });
  };
  return drawName({
    id: NAME, class: "panel-name", value: String(step.name), typed: panel.formOf(step.name).typed,
    fault: (name) => faultOf(panel, step, name), rename, redraw: () => panel.drawNow(), complaints: panel.problemsAt(step.name, ["name"]),
  });
}

/** @param {StepPanel} panel @param {Step} step @param {string} name */
function faultOf(panel, step, name) {
  const taken = stepsByName(panel.session.document).has(name);
  return taken ? `There is a step “${name}” already.` : nameFault(name) ?? "";
}

/** @param {StepPanel} panel @param {Step} step */
function drawOrigin(panel, step) {
  const kind = step.kind ?? "task";
  if (kind === "approval") return h("p", { class: "panel-origin" }, icon("user"), "Waits for a person's answer");
  if (kind === "pipeline") return drawPipeline(panel, step);
  const name = step.template;
  const template = panel.templates.ofStep(step);
  const link = template
    ? h("a", { href: template.page, target: "_blank" }, template.title)
    : h("b", null, name ? String(name) : "no template");
  return h(
    "div", { class: "panel-origin" },
    h("div", { class: "panel-origin-name" }, icon("template"), link, template ? h("span", { class: "muted small" }, String(name)) : null),
    name && offered(panel.schema.properties.steps.items.properties.version) ? drawVersion(panel, step, template) : null,
  );
}

/** Which pipeline the step runs, to be changed; and its version. @param {StepPanel} panel @param {Step} step */
function drawPipeline(panel, step) {
  const id = `${panel.formOf(step.name).around.id}-pipeline`;
  const pipeline = panel.templates.ofStep(step);
  const now = typeof step.pipeline === "string" ? step.pipeline : "";
  const names = [...new Set([...(now ? [now] : []), ...panel.templates.pipelines])].sort();
  const onChange = (/** @type {Event} */ event) => {
    const chosen = /** @type {HTMLSelectElement} */ (event.target).value;
    panel.perform(`Change the pipeline of ${step.name}`, (document) =>
      setStepField(setStepField(document, step.name, ["version"], undefined), step.name, ["pipeline"], chosen || undefined));
  };
  return h(
    "div", { class: "panel-origin" },
    h(
      "div", { class: "panel-version" }, h("label", { for: id, class: "panel-label" }, "Pipeline"),
      h("select", { id, value: now, onChange }, h("option", { key: "", value: "" }, "choose one"), names.map((name) => h("option", { key: name, value: name }, name))),
    ),
    now && pipeline ? h("a", { class: "small", href: pipeline.page, target: "_blank" }, `Open ${pipeline.title}`) : null,
    now ? drawVersion(panel, step, pipeline) : null,
  );
}

/** @param {StepPanel} panel @param {Step} step @param {import("../templates.js").Template | null} template */
function drawVersion(panel, step, template) {
  const id = `${panel.formOf(step.name).around.id}-version`;
  const numbers = new Set([...(template?.versions ?? []), ...(typeof step.version === "number" ? [step.version] : [])]);
  const options = [...numbers].sort((one, other) => other - one);
  const onChange = (/** @type {Event} */ event) => {
    const chosen = /** @type {HTMLSelectElement} */ (event.target).value;
    setVersion(panel, step, chosen === "" ? undefined : chosen === "latest" ? chosen : Number(chosen));
  };
  const current = template ? `, ${template.version} now` : "";
  return h(
    "div", { class: "panel-version" }, h("label", { for: id, class: "panel-label" }, "Version"),
    h(
      "select", { id, value: step.version === undefined ? "" : String(step.version), onChange },
      h("option", { key: "", value: "" }, `current${current}`),
      h("option", { key: "latest", value: "latest" }, "latest at each run"),
      options.map((number) => h("option", { key: number, value: String(number) }, `always ${number}`)),
    ),
  );
}

/** @param {StepPanel} panel @param {Step} step @param {any} version */
function setVersion(panel, step, version) {
  panel.perform(`Change the version of ${step.name}`, (document) => setStepField(document, step.name, ["version"], version));
}

/** @param {StepPanel} panel @param {Step} step */
function drawNewer(panel, step) {
  const newer = newerThan(panel.templates.ofStep(step), step.version);
  const what = step.kind === "pipeline" ? "pipeline" : "template";
  if (newer === null) return null;
  const onClick = () => setVersion(panel, step, newer);
  return h(
    "div", { class: "notice panel-newer" }, icon("version"), h("span", null, `Version ${newer} of the ${what} is there.`),
    h("button", { type: "button", class: "button button-small", onClick }, `Take version ${newer}`),
  );
}
