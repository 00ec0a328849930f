/**
 * The outline: the pipeline as a tree that can do all that the canvas can. Arrows walk, Shift extends, Space selects,
 * Enter opens the properties, Alt with arrows moves the step on the canvas; the buttons below do the rest.
 */

import { move } from "../edits.js";
import { h, icon, paint } from "../elements.js";
import { selectionOf } from "../session.js";
import { canDo, doVerb } from "../verbs.js";
import { openParents } from "./parents_dialog.js";
import { sectionsOf, sentenceOf } from "./outline_rows.js";

/**
 * @typedef {import("../editor.js").Editor} Editor
 * @typedef {import("./outline_rows.js").Row} Row
 */

const MOVES = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] };
const BUTTONS = [["add", "plus", "Add after"], ["rename", "edit", "Rename"], ["delete", "trash", "Delete"]];

export class Outline {
  /** @param {Editor} editor @param {HTMLElement} element */
  constructor(editor, element) {
    this.editor = editor;
    this.element = element;
    this.current = "";
    /** @type {Set<string>} */
    this.closed = new Set();
    this.frame = 0;
    for (const event of ["document", "selection", "problems", "looking"]) editor.session.addEventListener(event, () => this.soon());
    element.addEventListener("keydown", (event) => this.#press(event));
    new MutationObserver(() => this.soon()).observe(element, { attributes: true, attributeFilter: ["hidden"] });
    this.paint();
  }

  /** A hidden outline is painted when it is looked at. */
  soon() {
    if (!this.element.hidden) this.frame ||= requestAnimationFrame(() => this.paint());
  }

  /** @returns {Row[]} the rows that are to be seen */
  get rows() {
    return this.sections.flatMap(({ group, rows }) => (this.closed.has(group) ? [] : rows));
  }

  get sections() {
    const { document, problems } = this.editor.session;
    return sectionsOf(document, problems);
  }

  paint() {
    this.frame = 0;
    const { sections } = this;
    const names = this.rows.map(({ name }) => name);
    if (!names.includes(this.current)) this.current = this.editor.onlySelected ?? names[0] ?? "";
    paint(this.element, [
      names.length === 0 && h("p", { class: "palette-none muted", key: "none" }, "No steps yet."),
      h("ul", { class: "outline", role: "tree", "aria-label": "Steps", "aria-multiselectable": "true", key: "tree" },
        sections.map(({ group, each, rows }) => (group ? this.#group(group, each, rows) : rows.map((row) => this.#row(row, 1))))),
      h("div", { class: "outline-tools", key: "tools" },
        BUTTONS.map(([verb, symbol, words]) => h("button", {
          type: "button", class: "button button-small", key: verb, "aria-disabled": canDo(this.editor, verb) ? false : "true",
          onClick: () => doVerb(this.editor, verb),
        }, icon(symbol), words)),
        h("button", {
          type: "button", class: "button button-small", key: "parents", "aria-disabled": this.editor.onlySelected && !this.editor.looking ? false : "true",
          onClick: () => this.editor.onlySelected && openParents(this.editor, this.editor.onlySelected),
        }, icon("link"), "After…")),
    ]);
  }

  /** @param {string} group @param {boolean} each whether it is done for each item @param {Row[]} rows */
  #group(group, each, rows) {
    const open = !this.closed.has(group);
    const toggle = () => {
      if (open) this.closed.add(group);
      else this.closed.delete(group);
      this.paint();
    };
    return h("li", { role: "treeitem", "aria-expanded": String(open), "aria-level": "1", class: "outline-group", key: `group ${group}`, "aria-label": `${group}, ${rows.length} steps${each ? ", for each item" : ""}`, tabindex: "-1" },
      h("div", { class: "outline-row", onClick: toggle }, icon(open ? "chevron-down" : "chevron-right"), h("strong", null, group), h("span", { class: "muted small" }, rows.length, each && " · each item")),
      open && h("ul", { role: "group" }, rows.map((row) => this.#row(row, 2))));
  }

  /** @param {Row} row @param {number} level */
  #row(row, level) {
    const { name, what, parents, problems } = row;
    const selected = this.editor.session.selection.steps.has(name);
    return h("li", {
      role: "treeitem", "aria-level": String(level), "aria-selected": String(selected), "aria-label": sentenceOf(row),
      tabindex: this.current === name ? "0" : "-1", class: "outline-step", key: `step ${name}`, "data-name": name,
      onClick: (/** @type {MouseEvent} */ event) => this.#choose(name, event.shiftKey || event.ctrlKey || event.metaKey),
      onDblclick: () => void this.editor.goTo(name),
      onFocus: () => { this.current = name; },
    },
      h("span", { class: "outline-name" }, name),
      problems > 0 && h("span", { class: "outline-bad" }, icon("warning"), problems),
      h("span", { class: "outline-what" }, what, parents.length > 0 && ` · after ${parents.map((parent) => parent.name).join(", ")}`));
  }

  /** @param {string} name @param {boolean} more whether to add it to what is selected, or take it out */
  #choose(name, more) {
    const steps = new Set(more ? this.editor.session.selection.steps : []);
    if (more && steps.has(name)) steps.delete(name);
    else steps.add(name);
    this.current = name;
    this.editor.session.select(selectionOf({ steps }), { reveal: true });
    this.#focus(name);
  }

  /** @param {string} name */
  #focus(name) {
    this.current = name;
    this.paint();
    const item = [...this.element.querySelectorAll("[data-name]")].find((each) => each instanceof HTMLElement && each.dataset.name === name);
    if (item instanceof HTMLElement) item.focus();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const item = event.target instanceof HTMLElement ? event.target.closest("[role=treeitem]") : null;
    if (!item || event.ctrlKey || event.metaKey) return;
    const names = this.rows.map(({ name }) => name);
    const at = names.indexOf(this.current);
    const by = MOVES[/** @type {keyof typeof MOVES} */ (event.key)];
    /** @type {Record<string, number>} */
    const places = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: names.length - 1 };
    const far = event.shiftKey ? 5 : 1;
    if (event.altKey && by) move(this.editor, this.editor.selected.length ? this.editor.selected : [this.current], by[0] * far, by[1] * far);
    else if (event.altKey) return;
    else if (event.key in places) this.#walk(names[places[event.key]], event.shiftKey);
    else if (event.key === " ") this.#choose(this.current, true);
    else if (event.key === "Enter") void this.editor.goTo(this.current);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {string | undefined} name @param {boolean} extends_ */
  #walk(name, extends_) {
    if (name === undefined) return;
    const steps = extends_ ? [...this.editor.session.selection.steps, this.current, name] : [name];
    this.editor.session.select(selectionOf({ steps }), { reveal: true });
    this.#focus(name);
  }
}
