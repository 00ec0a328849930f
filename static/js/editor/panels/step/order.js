/** What comes before a step and after it: plain order to add and remove, and what references make. */

import { h, icon } from "../../elements.js";
import { connect, disconnect } from "../../model/commands.js";
import { stepsByName } from "../../model/document.js";
import { childrenByName, downstreamOf, parentsOf } from "../../model/graph.js";
import { removeButton } from "../fields/lists.js";
import { complaintOf } from "../fields/frame.js";

/**
 * @typedef {import("../step_panel.js").StepPanel} StepPanel
 * @typedef {import("../../model/document.js").Step} Step
 */

const MOST_LISTED = 500;

/** @param {StepPanel} panel @param {Step} step */
export function drawOrder(panel, step) {
  const id = `${panel.formOf(step.name).around.id}-parents`;
  const parents = [...parentsOf(step)].map(([name, kind]) => drawParent(panel, step, name, kind));
  const children = childrenByName(panel.session.document).get(step.name) ?? [];
  const complaints = panel.problemsAt(step.name, ["parents"]);
  return h(
    "div", { key: "order", class: "field panel-field" },
    h("div", { class: "field-label" }, h("label", { for: id, class: "panel-label" }, "Runs after")),
    parents.length ? h("ul", { class: "panel-list", "aria-label": "Steps before" }, parents) : h("p", { class: "muted" }, "Nothing: it starts with the run."),
    drawAdd(panel, step, id, complaints.length > 0),
    complaints.length ? h("div", { id: `${id}-about`, class: "panel-about" }, complaints.map(complaintOf)) : null,
    children.length ? [h("span", { class: "panel-label" }, "Then"), h("ul", { class: "panel-list", "aria-label": "Steps after" }, children.map((name) => h("li", { key: name }, stepButton(panel, name))))] : null,
  );
}

/** @param {StepPanel} panel @param {Step} step @param {string} name @param {string} kind */
function drawParent(panel, step, name, kind) {
  const known = stepsByName(panel.session.document).has(name);
  const remove = () => panel.perform(`Part ${step.name} from ${name}`, (document) => disconnect(document, name, step.name));
  return h(
    "li", { key: name },
    known ? stepButton(panel, name) : h("span", { class: "panel-chip" }, icon("warning"), `${name} is not there`),
    h("span", { class: "muted small" }, { order: "", reference: "by a reference", both: "also by a reference" }[kind]),
    kind === "reference" ? null : removeButton(`No longer run after ${name}`, remove),
  );
}

/** @param {import("../panel.js").Panel} panel @param {string} name */
export const stepButton = (panel, name) =>
  h("button", { type: "button", class: "panel-chip", "aria-label": `Go to step ${name}`, onClick: () => panel.goTo(name) }, icon("task"), name);

/** Among very many steps one is found by its name. @param {StepPanel} panel @param {Step} step @param {string} id @param {string[]} free */
function drawTyped(panel, step, id, free) {
  const onChange = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const name = input.value.trim();
    if (!free.includes(name)) return;
    input.value = "";
    panel.perform(`Run ${step.name} after ${name}`, (one) => connect(one, name, step.name));
  };
  return h("input", { id, type: "text", autocomplete: "off", placeholder: "Name of a step that comes before, then Enter", onChange });
}

/** @param {StepPanel} panel @param {Step} step @param {string} id @param {boolean} wrong */
function drawAdd(panel, step, id, wrong) {
  const { document } = panel.session;
  const before = parentsOf(step);
  const after = downstreamOf(document, step.name);
  const free = [...stepsByName(document).keys()].filter((name) => name !== step.name && !before.has(name) && !after.has(name));
  const onChange = (/** @type {Event} */ event) => {
    const name = /** @type {HTMLSelectElement} */ (event.target).value;
    if (name) panel.perform(`Run ${step.name} after ${name}`, (one) => connect(one, name, step.name));
  };
  if (free.length > MOST_LISTED) return drawTyped(panel, step, id, free);
  return h(
    "select", { id, value: "", onChange, disabled: !free.length, "aria-invalid": wrong ? "true" : null, "aria-describedby": wrong ? `${id}-about` : null },
    h("option", { key: "", value: "" }, free.length ? "Add a step that comes before…" : "No other step can come before"),
    free.map((name) => h("option", { key: `step ${name}`, value: name }, name)),
  );
}
