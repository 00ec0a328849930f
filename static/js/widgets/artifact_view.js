/**
 * Looks into an artifact: a table that can be sorted, or JSON as a tree, in a place that the server wrote:
 *
 *   <div data-artifact-view="/api/v1/…/artifacts/rows/?preview=1"></div>
 */

import { sorted } from "./table_rows.js";

const CHILDREN_AT_ONCE = 200;
/** @type {Record<string, string>} */
const TYPES = { whole: "whole numbers", number: "numbers", flag: "true or false", time: "times", text: "text" };

/** @param {Element} place */
export async function showArtifact(place) {
  if (!(place instanceof HTMLElement) || place.dataset.shown !== undefined) return;
  place.dataset.shown = "";
  const response = await fetch(place.dataset.artifactView ?? "", { headers: { Accept: "application/json" } });
  const preview = response.ok ? await response.json() : {};
  // Otherwise what the server wrote stays.
  if (preview.kind === "table" && preview.header.length) place.append(...tableOf(preview));
  if (preview.kind === "json") place.append(treeOf(preview.json));
}

/** @param {{header: string[], types: string[], rows: string[][], truncated: boolean}} preview */
function tableOf({ header, types, rows, truncated }) {
  const body = document.createElement("tbody");
  const heads = header.map((name, column) => head(name, types[column] ?? "text", (direction) => {
    heads.forEach((other, n) => n !== column && other.removeAttribute("aria-sort"));
    body.replaceChildren(...sorted(rows, column, types[column], direction).map((row) => rowOf(row, types)));
  }));
  body.append(...rows.map((row) => rowOf(row, types)));
  const line = document.createElement("tr");
  line.append(...heads);
  const top = document.createElement("thead");
  top.append(line);
  const table = made("table", "table run-preview-table");
  table.append(top, body);
  const frame = made("div", "table-scroll run-preview");
  frame.tabIndex = 0;
  frame.append(table);
  const words = `${truncated ? "The first " : ""}${rows.length.toLocaleString("en-GB")} ${rows.length === 1 ? "row" : "rows"}, ${header.length} ${header.length === 1 ? "column" : "columns"}.`;
  return [frame, Object.assign(made("p", "small muted"), { textContent: words })];
}

/** @param {string} name @param {string} type @param {(direction: 1 | -1) => void} sort */
function head(name, type, sort) {
  const cell = document.createElement("th");
  cell.scope = "col";
  cell.dataset.type = type;
  cell.title = TYPES[type] ?? type;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
  button.addEventListener("click", () => {
    const up = cell.getAttribute("aria-sort") !== "ascending";
    cell.setAttribute("aria-sort", up ? "ascending" : "descending");
    sort(up ? 1 : -1);
  });
  cell.append(button);
  return cell;
}

/** @param {string[]} cells @param {string[]} types */
function rowOf(cells, types) {
  const row = document.createElement("tr");
  cells.forEach((text, column) => {
    const cell = Object.assign(document.createElement("td"), { textContent: text });
    cell.dataset.type = types[column] ?? "text";
    row.append(cell);
  });
  return row;
}

/** @param {unknown} value */
function treeOf(value) {
  const tree = made("div", "json-tree run-preview");
  tree.tabIndex = 0;
  tree.append(node("", value, true));
  return tree;
}

/** @param {string} key @param {unknown} value @param {boolean} open */
function node(key, value, open) {
  if (value === null || typeof value !== "object") {
    const line = document.createElement("span");
    line.append(...label(key), leaf(value));
    return line;
  }
  const entries = Object.entries(value);
  const fold = document.createElement("details");
  const summary = document.createElement("summary");
  const count = `${entries.length.toLocaleString("en-GB")} ${entries.length === 1 ? "value" : "values"}`;
  summary.append(...label(key), Array.isArray(value) ? `[ ${count} ]` : `{ ${count} }`);
  const list = document.createElement("ul");
  fold.append(summary, list);
  // What nobody has opened costs nothing.
  fold.addEventListener("toggle", () => {
    if (fold.open && !list.children.length) grow(list, entries, 0);
  });
  if (open) grow(list, entries, 0);
  fold.open = open;
  return fold;
}

/** @param {HTMLElement} list @param {[string, unknown][]} entries @param {number} from */
function grow(list, entries, from) {
  for (const [key, value] of entries.slice(from, from + CHILDREN_AT_ONCE)) {
    const item = document.createElement("li");
    item.append(node(key, value, false));
    list.append(item);
  }
  const next = from + CHILDREN_AT_ONCE;
  if (next >= entries.length) return;
  const more = Object.assign(made("button", "button button-small"), { type: "button", textContent: `${(entries.length - next).toLocaleString("en-GB")} more` });
  more.addEventListener("click", () => {
    more.remove();
    grow(list, entries, next);
  });
  list.append(more);
}

/** @param {string} key */
function label(key) {
  return key ? [Object.assign(made("span", "json-key"), { textContent: key }), ": "] : [];
}

/** @param {unknown} value */
function leaf(value) {
  const kind = typeof value === "string" ? "string" : typeof value === "number" ? "number" : "word";
  return Object.assign(made("span", `json-${kind}`), { textContent: JSON.stringify(value) });
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} className @returns {HTMLElementTagNameMap[Tag]}
 */
function made(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
