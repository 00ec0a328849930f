/**
 * The palette: what can become a step. Drag an item onto the canvas, or press Enter on it, or press it twice.
 * The same list opens beside a place on the canvas.
 */

import { h, icon, paint } from "../elements.js";
import { MOST_SHOWN, choicesOf, keyOf, sectionsOf } from "./palette_items.js";

/** @typedef {import("./palette_items.js").Item} Item */

export const DRAGGED = "application/x-pipelines-template";
const ICONS = { task: "template", pipeline: "pipeline", approval: "approval" };

export class Palette {
  /** @param {HTMLElement} element @param {{pick: (item: Item) => void, id?: string}} around */
  constructor(element, { pick, id = "palette" }) {
    this.element = element;
    this.pick = pick;
    this.id = id;
    /** @type {Item[] | null} null until they have come */
    this.items = null;
    this.fault = "";
    this.wanted = { query: "", project: "", tag: "" };
    /** @type {string} the item that the keyboard is at */
    this.current = "";
    element.addEventListener("keydown", (event) => this.#walk(event));
    this.paint();
  }

  /** @param {Item[]} items */
  show(items) {
    this.items = items;
    this.fault = "";
    this.paint();
  }

  /** @param {string} sentence */
  fail(sentence) {
    this.fault = sentence;
    this.paint();
  }

  focusSearch() {
    const box = this.element.querySelector("input[type=search]");
    if (box instanceof HTMLInputElement) {
      box.focus();
      box.select();
    }
  }

  get sections() {
    return sectionsOf(this.items ?? [], this.wanted);
  }

  paint() {
    const sections = this.sections;
    const first = sections[0]?.items[0];
    const shown = sections.flatMap(({ items }) => items.map(keyOf));
    if (!shown.includes(this.current)) this.current = first ? keyOf(first) : "";
    paint(this.element, [
      h("div", { class: "palette-search", key: "search" }, this.#search(), this.#filters()),
      h("div", { class: "palette-list", key: "list" },
        this.fault && h("p", { class: "palette-none" }, this.fault),
        !this.items && !this.fault && h("p", { class: "palette-none muted" }, "Fetching templates…"),
        this.items && !shown.length && h("p", { class: "palette-none muted" }, this.#nothing()),
        sections.map((section, place) => this.#section(section, place)),
        shown.length >= MOST_SHOWN && h("p", { class: "palette-none muted" }, "Search to find the others.")),
    ]);
  }

  #search() {
    return h("label", { class: "palette-box" }, h("span", { class: "visually-hidden" }, "Search templates"), icon("search"),
      h("input", {
        type: "search", placeholder: "Search templates", autocomplete: "off", value: this.wanted.query,
        onInput: (/** @type {any} */ { target }) => this.#want({ query: target.value }),
      }));
  }

  #filters() {
    const { projects, tags } = choicesOf(this.items ?? []);
    if (projects.length < 2 && !tags.length) return null;
    return h("div", { class: "palette-filters" },
      projects.length > 1 && this.#choice("project", "Project", "All projects", projects),
      tags.length > 0 && this.#choice("tag", "Tag", "All tags", tags));
  }

  /** @param {"project" | "tag"} key @param {string} label @param {string} all @param {string[]} values */
  #choice(key, label, all, values) {
    return h("select", {
      "aria-label": label, value: this.wanted[key],
      onChange: (/** @type {any} */ { target }) => this.#want({ [key]: target.value }),
    }, h("option", { value: "" }, all), values.map((value) => h("option", { value, key: value }, value)));
  }

  /** @param {{title: string, items: Item[]}} section @param {number} place */
  #section({ title, items }, place) {
    const id = `${this.id}-section-${place}`;
    return h("section", { key: title, "aria-labelledby": id },
      h("h2", { id, class: "palette-title" }, title),
      h("ul", { class: "palette-items" }, items.map((item) => this.#row(item, title))));
  }

  /** @param {Item} item @param {string} section */
  #row(item, section) {
    const key = keyOf(item);
    const what = item.template ?? item.pipeline ?? "";
    const current = this.current === key && this.#isFirst(key, section);
    return h("li", {
      key, class: "palette-item", draggable: "true", title: item.description || false,
      onDragStart: (/** @type {DragEvent} */ event) => this.#drag(event, item),
    },
      h("button", {
        type: "button", class: "palette-main", "data-key": key, tabindex: current ? "0" : "-1",
        onClick: (/** @type {MouseEvent} */ event) => event.detail === 0 && this.pick(item),
        onDblclick: () => this.pick(item),
        onFocus: () => { if (this.current !== key) { this.current = key; this.paint(); } },
      }, icon(ICONS[item.kind]),
        h("span", { class: "palette-words" }, h("span", { class: "palette-name" }, item.title),
          h("span", { class: "palette-what" }, what, item.version ? ` v${item.version}` : ""))),
      h("button", {
        type: "button", class: "button button-quiet button-small button-icon palette-add", tabindex: "-1",
        "aria-label": `Add ${item.title}`, onClick: () => this.pick(item),
      }, icon("plus")));
  }

  /** An item may stand under Recent and under its project; one of them takes the Tab key. @param {string} key @param {string} section */
  #isFirst(key, section) {
    return this.sections.find(({ items }) => items.some((item) => keyOf(item) === key))?.title === section;
  }

  #nothing() {
    const { query, project, tag } = this.wanted;
    return query || project || tag ? "Nothing fits. Try other words or all projects." : "There are no templates yet. A task that is kept as a template appears here.";
  }

  /** @param {Partial<import("./palette_items.js").Wanted>} change */
  #want(change) {
    this.wanted = { ...this.wanted, ...change };
    this.paint();
  }

  /** @param {DragEvent} event @param {Item} item */
  #drag(event, item) {
    if (!event.dataTransfer) return;
    const { kind, template, pipeline, title } = item;
    event.dataTransfer.setData(DRAGGED, JSON.stringify({ kind, template, pipeline, title }));
    event.dataTransfer.setData("text/plain", title);
    event.dataTransfer.effectAllowed = "copy";
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const inSearch = event.target instanceof HTMLInputElement;
    if (inSearch && event.key === "Enter") {
      const first = this.sections[0]?.items[0];
      if (first) this.pick(first);
      event.preventDefault();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target instanceof HTMLSelectElement) return;
    const rows = [...this.element.querySelectorAll(".palette-main")];
    const at = rows.indexOf(/** @type {Element} */ (event.target));
    const next = inSearch ? rows[0] : rows[at + step];
    event.preventDefault();
    if (next instanceof HTMLElement) next.focus();
    else if (at === 0 && step < 0) this.focusSearch();
  }
}
