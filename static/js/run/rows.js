/** One row of the table of the steps: what it says and what can be asked of it. */

import { icon, putClock, putStatus, putText } from "./marks.js";

/**
 * @typedef {import("../graph/model.js").GraphNode} GraphNode
 * @typedef {{nodes: GraphNode[], statusOf: (step: number) => Record<string, any>, effectOf: (step: number) => string,
 *   isChosen: (step: number) => boolean, mayOperate: boolean,
 *   runStatus: () => string, why: (step: number) => string}} Source
 */

const STOPPABLE = new Set(["pending", "queued", "running", "awaiting"]);
const FINAL = new Set(["completed", "cached", "skipped", "failed", "crashed", "aborted"]);
const RUN_IS_OVER = new Set(["completed", "failed", "aborted"]);

export const COLUMNS = [
  { head: "Select", sort: null, cell: "pick" },
  { head: "Step", sort: "name", cell: "name" },
  { head: "Status", sort: "status", cell: "status" },
  { head: "Template", sort: null, cell: "template" },
  { head: "Attempt", sort: "attempt", cell: "attempt" },
  { head: "Duration", sort: "took", cell: "took" },
  { head: "Why", sort: null, cell: "why" },
  { head: "Actions", sort: null, cell: "verbs" },
];

/** @param {GraphNode} node @param {number} index @returns {HTMLTableRowElement} */
export function makeRow(node, index) {
  const row = document.createElement("tr");
  row.dataset.step = String(index);
  row.dataset.name = node.name;
  for (const { head, cell } of COLUMNS) {
    const td = row.insertCell();
    td.dataset.cell = cell;
    if (cell !== "name" && cell !== "pick") td.dataset.column = head;
    if (cell === "attempt" || cell === "took") td.classList.add("number", "nowrap");
  }
  const why = document.createElement("span");
  why.dataset.why = "";
  cellOf(row, "why")?.classList.add("run-why");
  cellOf(row, "why")?.append(why);
  cellOf(row, "verbs")?.classList.add("run-verbs");
  const box = Object.assign(document.createElement("input"), { type: "checkbox" });
  box.setAttribute("aria-label", `Select ${node.name}`);
  cellOf(row, "pick")?.append(box);
  cellOf(row, "name")?.append(link(`?tab=table&step=${encodeURIComponent(node.name)}`, node.name, index), ...comment(node));
  if (node.template) {
    const version = node.version ? `?version=${node.version}` : "";
    const kind = node.kind === "pipeline" ? "pipelines" : "templates";
    const anchor = Object.assign(document.createElement("a"), { href: `/${kind}/${node.template}/${version}`, textContent: node.template });
    cellOf(row, "template")?.append(anchor, node.version ? ` v${node.version}` : "");
  }
  return row;
}

/** @param {string} href @param {string} text @param {number} index */
function link(href, text, index) {
  const anchor = Object.assign(document.createElement("a"), { href, textContent: text, className: "row-title", title: text });
  anchor.dataset.select = String(index);
  return anchor;
}

/** @param {GraphNode} node */
function comment(node) {
  if (!node.comment) return [];
  return [Object.assign(document.createElement("div"), { className: "small muted run-comment", textContent: node.comment })];
}

/** @param {HTMLElement} row @param {string} name */
const cellOf = (row, name) => row.querySelector(`[data-cell=${name}]`);

/** @param {HTMLTableRowElement} row @param {number} index @param {Source} source */
export function fillRow(row, index, source) {
  const step = source.statusOf(index);
  row.dataset.status = step.status;
  putStatus(cellOf(row, "status"), step.status);
  showStale(cellOf(row, "status"), step.stale);
  showEffect(row, source.effectOf(index));
  const box = row.querySelector("input");
  if (box) box.checked = source.isChosen(index);
  row.toggleAttribute("data-chosen", source.isChosen(index));
  putText(row.querySelector("[data-why]"), source.why(index));
  putText(cellOf(row, "attempt"), step.attempt ? String(step.attempt) : "");
  putClock(cellOf(row, "took"), step.started_at, step.ended_at);
  showVerbs(row, index, source);
}

/** @param {Element | null} cell @param {boolean} stale */
function showStale(cell, stale) {
  const badge = cell?.querySelector(".badge");
  if (stale === Boolean(badge)) return;
  if (!stale) badge?.remove();
  else cell?.append(Object.assign(document.createElement("span"), { className: "badge badge-warning", textContent: "stale" }));
}

/** What a rerun would do to it. @param {HTMLTableRowElement} row @param {string} effect */
function showEffect(row, effect) {
  if ((row.dataset.foreseen ?? "") === effect) return;
  row.querySelector(".rerun-swatch")?.remove();
  if (!effect) {
    delete row.dataset.foreseen;
    return;
  }
  row.dataset.foreseen = effect;
  if (effect === "unchanged") return;
  const mark = Object.assign(document.createElement("span"), { className: "rerun-swatch", textContent: effect });
  mark.dataset.foreseen = effect;
  cellOf(row, "why")?.append(mark);
}

/** @param {HTMLTableRowElement} row @param {number} index @param {Source} source */
function showVerbs(row, index, { nodes, statusOf, mayOperate, runStatus }) {
  const { status, attempt } = statusOf(index);
  const { name } = nodes[index];
  const run = runStatus();
  const log = attempt > 0;
  const rerun = mayOperate && FINAL.has(status) && run !== "aborting" && run !== "draft";
  const abort = mayOperate && STOPPABLE.has(status) && !RUN_IS_OVER.has(run) && run !== "draft";
  const wanted = [log && "log", rerun && "rerun", abort && "abort"].filter(Boolean).join();
  const cell = /** @type {HTMLElement} */ (cellOf(row, "verbs"));
  // Buttons that are still right stay, and with them the focus.
  if (cell.dataset.verbs === wanted) return;
  cell.dataset.verbs = wanted;
  const buttons = [];
  if (log) {
    const button = verbButton("log", `Log of ${name}`);
    button.type = "button";
    button.dataset.logOf = String(index);
    buttons.push(button);
  }
  if (rerun) buttons.push(verbForm("rerun-step", name, verbButton("rerun", `Rerun ${name}`)));
  if (abort) buttons.push(verbForm("abort-step", name, verbButton("stop", `Abort ${name}`), `Abort step ${name}?`, "Abort step"));
  cell.replaceChildren(...buttons);
}

/** @param {string} symbol @param {string} label */
function verbButton(symbol, label) {
  const button = document.createElement("button");
  button.className = "button button-quiet button-icon button-small";
  button.setAttribute("aria-label", label);
  button.title = label;
  button.append(icon(symbol));
  return button;
}

/** The form that the step's panel has, too. @param {string} verb @param {string} step @param {HTMLButtonElement} button
 * @param {string} [question] @param {string} [yes] */
function verbForm(verb, step, button, question, yes) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = location.pathname;
  form.dataset.runAction = "";
  if (question) Object.assign(form.dataset, { question, verb: yes });
  const token = document.querySelector("meta[name=csrf-token]")?.getAttribute("content") ?? "";
  for (const [name, value] of Object.entries({ verb, step, csrfmiddlewaretoken: token })) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  form.append(button);
  return form;
}
