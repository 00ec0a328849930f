/** The groups in which steps are drawn: their names, colours, what is in them, and for which items they run. */

import { h, icon } from "../../elements.js";
import { changeGroup, setField, ungroup } from "../../model/commands.js";
import { drawName } from "../fields/name.js";
import { offered, schemaFields } from "../form_model.js";
import { valueOf } from "../last_values.js";
import { Form } from "../schema_form.js";
import { COLOURS } from "../step/notes.js";
import { section } from "../step/one.js";

/** @typedef {import("../pipeline_panel.js").PipelinePanel} PipelinePanel */

/** @param {PipelinePanel} panel */
export function drawGroups(panel) {
  const { document } = panel.session;
  /** @type {Map<string, number>} */
  const sizes = new Map();
  for (const { group } of document.steps) if (typeof group === "string" && group) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const declared = (Array.isArray(document.groups) ? document.groups : []).filter((one) => typeof one?.name === "string");
  const names = new Set([...declared.map(({ name }) => name), ...sizes.keys()]);
  if (!names.size) return null;
  const rows = [...names].map((name, place) => {
    const said = declared.find((one) => one.name === name) ?? {};
    return drawGroup(panel, { name, said, size: sizes.get(name) ?? 0, place });
  });
  return section("groups", "Groups", [h("ul", { class: "panel-rows" }, rows)]);
}

/** @param {PipelinePanel} panel @param {{name: string, said: Record<string, any>, size: number, place: number}} group */
function drawGroup(panel, { name, said, size, place }) {
  const change = (/** @type {string} */ label, /** @type {Record<string, any>} */ values) => panel.perform(label, (document) => changeGroup(document, name, values));
  const colour = (/** @type {Event} */ event) => change(`Change the colour of group ${name}`, { colour: /** @type {HTMLSelectElement} */ (event.target).value || undefined });
  const fold = () => change(said.collapsed ? `Open group ${name}` : `Close group ${name}`, { collapsed: !said.collapsed || undefined });
  const colours = !said.colour || COLOURS.includes(said.colour) ? COLOURS : [...COLOURS, said.colour];
  return h(
    "li", { key: `group ${place}`, class: "panel-group" },
    drawName({
      id: `group-${place}-name`, value: name, typed: panel.form.typed, fault: (wanted) => (wanted.trim() ? "" : "A group needs a name."),
      rename: (wanted) => change(`Rename group ${name} to ${wanted}`, { name: wanted }), redraw: () => panel.drawNow(),
    }),
    h("div", { class: "field" }, h("label", { for: `group-${place}-colour`, class: "panel-label" }, "Colour"),
      h("select", { id: `group-${place}-colour`, value: said.colour ?? "", onChange: colour },
        h("option", { key: "", value: "" }, "default"), colours.map((one) => h("option", { key: one, value: one }, one)))),
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: Boolean(said.collapsed), onChange: fold }), "Drawn as one box"),
    drawForEach(panel, name, said),
    h("div", { class: "panel-buttons" }, h("span", { class: "muted small" }, size === 1 ? "1 step" : `${size} steps`),
      h("button", { type: "button", class: "button button-small", "aria-label": `Dissolve group ${name}`, onClick: () => panel.perform(`Dissolve group ${name}`, (document) => ungroup(document, name)) }, icon("close"), "Dissolve")),
  );
}

/** The steps of a group may run, as a chain, for each item of a list. @param {PipelinePanel} panel @param {string} name @param {Record<string, any>} said */
function drawForEach(panel, name, said) {
  const schema = panel.schema.properties.groups.items.properties.for_each;
  if (!schema || !offered(schema)) return null;
  const form = formOf(panel, name);
  const open = said.for_each !== undefined || undefined;
  return h("details", { class: "panel-fold", open }, h("summary", null, "For each item of a list"),
    form.drawAll(schemaFields(schema, said.for_each ?? {}, { path: ["for_each"] })));
}

/** @param {PipelinePanel} panel @param {string} name */
function formOf(panel, name) {
  const known = panel.groupForms.get(name);
  if (known) return known;
  const place = () => placeOf(panel.session.document, name);
  const form = new Form({
    ...panel.around(),
    id: `group-${encodeURIComponent(name)}`,
    change: (path, value, label) => panel.perform(`${label} of group ${name}`, (document) => {
      const declared = changeGroup(document, name, {});
      return setField(declared, ["groups", placeOf(declared, name), ...path], value);
    }),
    complaints: (path) => panel.problemsAt(["groups", place(), ...path]),
    refers: ({ path }) => path[1] === "list",
    last: (reference) => valueOf(panel.lastValues.now(), reference),
  });
  panel.groupForms.set(name, form);
  return form;
}

/** @param {import("../../model/document.js").Document} document @param {string} name */
const placeOf = (document, name) => (Array.isArray(document.groups) ? document.groups : []).findIndex((one) => one?.name === name);
