/** Several steps: what may be done for all of them at once. */

import { h, icon } from "../../elements.js";
import { align, distribute, duplicate, removeSteps, setStepField } from "../../model/commands.js";
import { newSteps, stepsByName } from "../../model/document.js";
import { same } from "../../model/json.js";
import { selectionOf } from "../../session.js";
import { schemaField } from "../form_model.js";
import { Form } from "../schema_form.js";
import { section } from "./one.js";
import { stepButton } from "./order.js";

/** @typedef {import("../step_panel.js").StepPanel} StepPanel */

/** What steps may have in common. */
const COMMON = ["queue", "priority", "timeout", "group"];
const MOST_NAMED = 12;
const SIDES = /** @type {const} */ (["left", "centre", "right", "top", "middle", "bottom"]);
const AXES = /** @type {const} */ (["across", "down"]);

/** @param {StepPanel} panel @param {string[]} names */
export function drawMany(panel, names) {
  const more = names.length - MOST_NAMED;
  return [
    h("div", { key: "head", class: "panel-head" }, h("h2", null, `${names.length} steps`), h("ul", { class: "panel-list panel-list-flat", "aria-label": "Selected steps" },
      names.slice(0, MOST_NAMED).map((name) => h("li", { key: name }, stepButton(panel, name))),
      more > 0 ? h("li", { key: "more", class: "muted" }, `and ${more} more`) : null)),
    section("common", "For all of them", drawCommon(panel, names)),
    section("arrange", "Arrange", [drawButtons(panel, names)]),
    h("div", { key: "foot", class: "panel-foot" }, drawEnds(panel, names)),
  ];
}

/** @param {StepPanel} panel @param {string[]} names */
function drawCommon(panel, names) {
  const { properties } = panel.schema.properties.steps.items;
  const form = formOf(panel, names);
  const steps = names.map((name) => stepsByName(panel.session.document).get(name));
  return COMMON.filter((key) => properties[key]).map((key) => {
    const [first, ...rest] = steps.map((step) => step?.[key]);
    const shared = rest.every((value) => same(value, first));
    const field = schemaField(properties[key], shared ? first : undefined, [key]);
    return form.draw(shared ? field : { ...field, help: `${field.help}. They differ now.` });
  });
}

/** @param {StepPanel} panel @param {string[]} names */
function formOf(panel, names) {
  const id = `steps-${names.map(encodeURIComponent).join("-")}`.slice(0, 200);
  const found = panel.forms.get(id) ?? new Form({ ...panel.formOf(names[0]).around, id });
  panel.forms.set(id, found);
  found.around.complaints = () => [];
  found.around.pick = undefined;
  found.around.change = (path, value, label) => {
    const change = (/** @type {any} */ document) => names.reduce((result, name) => setStepField(result, name, path, value), document);
    panel.perform(`${label} in ${names.length} steps`, change, { coalesce: `${id} ${path.join(" ")}` });
  };
  return found;
}

/** @param {StepPanel} panel @param {string[]} names */
function drawButtons(panel, names) {
  const sides = SIDES.map((side) => button(`Align ${side}`, side, () => panel.perform(`Align ${side}`, (document) => align(document, names, side, shownAt(panel)))));
  const axes = AXES.map((axis) => button(`Distribute ${axis}`, axis, () => panel.perform(`Distribute ${axis}`, (document) => distribute(document, names, axis, shownAt(panel))), names.length < 3));
  return h("div", { class: "panel-arrange" },
    h("div", { role: "group", "aria-label": "Align", class: "panel-buttons" }, h("span", { class: "panel-label" }, "Align"), sides),
    h("div", { role: "group", "aria-label": "Distribute", class: "panel-buttons" }, h("span", { class: "panel-label" }, "Distribute"), axes));
}

/** Where a step that has no place of its own is drawn. @param {StepPanel} panel */
const shownAt = (panel) => panel.place.shownAt ?? (() => null);

/** @param {string} name @param {string} word @param {() => void} onClick @param {boolean} [disabled] */
const button = (name, word, onClick, disabled = false) =>
  h("button", { key: name, type: "button", class: "button button-small", "aria-label": name, disabled, onClick }, word);

/** @param {StepPanel} panel @param {string[]} names */
function drawEnds(panel, names) {
  const copy = () => panel.perform(`Duplicate ${names.length} steps`, (document) => duplicate(document, names), {
    select: (/** @type {any} */ before, /** @type {any} */ after) => selectionOf({ steps: newSteps(before, after) }),
  });
  const remove = () => panel.perform(`Delete ${names.length} steps`, (document) => removeSteps(document, names, { heal: true }));
  return [
    h("button", { key: "copy", type: "button", class: "button button-small", onClick: copy }, icon("copy"), "Duplicate"),
    h("button", { key: "remove", type: "button", class: "button button-small button-danger", onClick: remove }, icon("trash"), `Delete ${names.length} steps`),
  ];
}
