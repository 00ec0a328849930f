/** A connection: what it means, which references make it, taking it away. */

import { h, icon } from "../../elements.js";
import { disconnect, setStepField } from "../../model/commands.js";
import { stepsByName } from "../../model/document.js";
import { parentsOf, REFERRING } from "../../model/graph.js";
import { isObject } from "../../model/json.js";
import { stepsIn } from "../../model/references.js";
import { selectionOf } from "../../session.js";
import { shortened, written } from "../values.js";
import { section } from "./one.js";
import { stepButton } from "./order.js";

/** @typedef {import("../step_panel.js").StepPanel} StepPanel */

/** @type {Record<string, string>} */
const MEANINGS = {
  order: "The second step waits for the first.",
  reference: "The second step uses values of the first, and therefore waits for it.",
  both: "The second step waits for the first, and uses values of it.",
};

/** @param {StepPanel} panel @param {[parent: string, child: string][]} edges */
export function drawEdges(panel, edges) {
  const title = edges.length === 1 ? "Connection" : `${edges.length} connections`;
  return [h("div", { key: "title", class: "panel-head" }, h("h2", null, title)), ...edges.map((edge) => drawEdge(panel, edge))];
}

/** @param {StepPanel} panel @param {[parent: string, child: string]} edge */
function drawEdge(panel, [parent, child]) {
  const step = stepsByName(panel.session.document).get(child);
  const kind = step && parentsOf(step).get(parent);
  if (!step || !kind) return null;
  const paths = referring(step, parent);
  const apart = (/** @type {any} */ document) => {
    const without = paths.reduce((result, path) => setStepField(result, child, path, undefined), document);
    return disconnect(without, parent, child);
  };
  const label = paths.length ? `Remove with ${paths.length === 1 ? "its reference" : `its ${paths.length} references`}` : "Remove this connection";
  const onClick = () => panel.perform(`Part ${child} from ${parent}`, apart, { select: selectionOf({ steps: [child] }) });
  return section(`edge ${parent} ${child}`, `${parent} → ${child}`, [
    h("p", null, stepButton(panel, parent), " → ", stepButton(panel, child)),
    h("p", { class: "muted" }, MEANINGS[kind]),
    paths.length ? h("ul", { class: "panel-list", "aria-label": "References that make it" }, paths.map((path) => drawReference(panel, step, path))) : null,
    h("button", { type: "button", class: "button button-small button-danger", onClick }, icon("trash"), label),
  ]);
}

/** The fields in which a step uses another. @param {import("../../model/document.js").Step} step @param {string} parent @returns {string[][]} */
function referring(step, parent) {
  return REFERRING.flatMap((field) => {
    const value = step[field];
    if (field !== "parameters" || !isObject(value)) return stepsIn(value).includes(parent) ? [[field]] : [];
    return Object.keys(value).filter((name) => stepsIn(value[name]).includes(parent)).map((name) => [field, name]);
  });
}

/** @param {StepPanel} panel @param {import("../../model/document.js").Step} step @param {string[]} path */
function drawReference(panel, step, path) {
  const value = path.reduce((inner, part) => inner?.[part], /** @type {any} */ (step));
  const name = path[path.length - 1];
  const onClick = () => panel.goTo(step.name, path.join("."));
  return h("li", { key: name, class: "panel-list-tall" }, h("button", { type: "button", class: "panel-chip", "aria-label": `Go to ${name} in ${step.name}`, onClick }, icon("parameters"), name), h("code", null, shortened(written(value), 120)));
}
