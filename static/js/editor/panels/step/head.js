/** The head of a step's panel: its name, what it is, the version of its template and the newer one to take. */

import { h, icon } from "../../elements.js";
import { nameFault, stepsByName } from "../../model/document.js";
import { renameStep, setStepField } from "../../model/commands.js";
import { selectionOf } from "../../session.js";
import { offered } from "../form_model.js";
import { newerThan } from "../templates.js";

/**
 * @typedef {import("../step_panel.js").StepPanel} StepPanel
 * @typedef {import("../../model/document.js").Step} Step
 */

const NAME = "panel-step-name";

/** @param {StepPanel} panel @param {Step} step */
export function drawHead(panel, step) {
  return h("div", { key: "head", class: "panel-head" }, h("h2", { class: "visually-hidden" }, `Step ${step.name}`), drawName(panel, step), drawOrigin(panel, step), drawNewer(panel, step));
}

/** @param {StepPanel} panel @param {Step} step */
function drawName(panel, step) {
  const { typed } = panel.formOf(step.name);
  const kept = typed.at("name", step.name);
  const onInput = (/** @type {Event} */ event) => {
    const name = /** @type {HTMLInputElement} */ (event.target).value;
    typed.keep("name", name, step.name, faultOf(panel, step, name));
    panel.drawNow();
  };
  const rename = (/** @type {HTMLInputElement} */ input) => {
    const name = input.value;
    if (name === step.name || faultOf(panel, step, name)) return;
    typed.forget("name");
    const change = (/** @type {any} */ document) => renameStep(document, step.name, name);
    panel.perform(`Rename ${step.name} to ${name}`, change, { select: selectionOf({ steps: [name] }) });
  };
  const onKeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter") rename(/** @type {HTMLInputElement} */ (event.target));
    if (event.key !== "Escape" || !kept) return;
    event.stopPropagation();
    typed.forget("name");
    panel.drawNow();
  };
  const error = kept?.error;
  return h(
    "div", { class: "field" },
    h("label", { for: NAME, class: "panel-label" }, "Name"),
    h("input", {
      id: NAME, class: "panel-name", type: "text", value: kept?.text ?? step.name, maxlength: "128", autocomplete: "off", spellcheck: "false",
      "aria-invalid": error ? "true" : null, "aria-describedby": error ? `${NAME}-about` : null,
      onInput, onKeydown, onChange: (/** @type {Event} */ event) => rename(/** @type {HTMLInputElement} */ (event.target)),
    }),
    error ? h("div", { id: `${NAME}-about`, class: "field-error" }, icon("warning"), h("span", null, error)) : null,
  );
}

/** @param {StepPanel} panel @param {Step} step @param {string} name */
function faultOf(panel, step, name) {
  if (name === step.name) return "";
  const taken = stepsByName(panel.session.document).has(name);
  return taken ? `There is a step “${name}” already.` : nameFault(name) ?? "";
}

/** @param {StepPanel} panel @param {Step} step */
function drawOrigin(panel, step) {
  const kind = step.kind ?? "task";
  if (kind === "approval") return h("p", { class: "panel-origin" }, icon("user"), "Waits for a person's answer");
  const name = step.template ?? step.pipeline;
  const template = panel.templates.named(step.template);
  const link = template
    ? h("a", { href: template.page, target: "_blank" }, template.title)
    : h("b", null, name ? String(name) : "no template");
  return h(
    "div", { class: "panel-origin" },
    h("div", { class: "panel-origin-name" }, icon(step.pipeline ? "pipeline" : "template"), link, template ? h("span", { class: "muted small" }, String(name)) : null),
    name && offered(panel.schema.properties.steps.items.properties.version) ? drawVersion(panel, step, template) : null,
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
  const newer = newerThan(panel.templates.named(step.template), step.version);
  if (newer === null) return null;
  const onClick = () => setVersion(panel, step, newer);
  return h(
    "div", { class: "notice panel-newer" }, icon("version"), h("span", null, `Version ${newer} of the template is there.`),
    h("button", { type: "button", class: "button button-small", onClick }, `Take version ${newer}`),
  );
}
