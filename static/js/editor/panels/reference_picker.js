/**
 * The dialog in which one chooses what a field refers to: a search field with a list below it, by the pattern of a
 * combobox. Steps that come before are offered first, then others that can; choosing one of those puts it before.
 */

import { makeDialog } from "../../pages/dialogs.js";
import { h, icon, paint } from "../elements.js";
import { groupsFor, matching, typedChoice } from "./reference_choices.js";
import { parametersOf } from "./templates.js";
import { shortened, written } from "./values.js";

/**
 * @typedef {import("./reference_choices.js").Choice} Choice
 * @typedef {import("./reference_choices.js").Group} Group
 */

const MOST_SHOWN = 300;
const LIST = "reference-choices";

export class ReferencePicker {
  /** @param {import("./panel.js").Panel} panel */
  constructor(panel) {
    this.panel = panel;
    this.typed = "";
    this.active = 0;
    /** @type {string | null} */
    this.step = null;
    /** @type {((chosen: string | null) => void) | null} */
    this.answer = null;
    /** @type {Group[]} */
    this.every = [];
    for (const source of [panel.lastValues, panel.templates]) source.addEventListener("news", () => this.#look());
  }

  /**
   * Asks for a reference; null when the dialog is closed without one.
   * @param {{step: string | null, label: string}} wanted the step whose field it is, or null for the pipeline's own
   * @returns {Promise<string | null>}
   */
  open({ step, label }) {
    this.step = step;
    this.typed = "";
    this.active = 0;
    const back = document.activeElement;
    const { dialog, body } = makeDialog(`Refer to a value for ${label}`);
    dialog.classList.add("panel-picker");
    this.dialog = dialog;
    this.body = body;
    return new Promise((resolve) => {
      this.answer = resolve;
      dialog.addEventListener("close", () => {
        this.body = undefined;
        const lost = document.activeElement === document.body;
        if (lost && back instanceof HTMLElement && back.isConnected) back.focus();
        resolve(null);
      });
      this.#look();
      dialog.showModal();
      body.querySelector("input")?.focus();
    });
  }

  /** Finds out what there is; while one types it stays the same. */
  #look() {
    if (!this.body) return;
    const { session, templates, lastValues } = this.panel;
    const specsOf = (/** @type {any} */ step) => {
      const template = templates.ofStep(step);
      return template ? parametersOf(template, step.version) : [];
    };
    const outputsOf = (/** @type {any} */ step) => (step?.kind === "pipeline" ? templates.ofStep(step)?.outputs ?? null : null);
    this.every = groupsFor({ document: session.document, step: this.step, known: lastValues.now(), specsOf, outputsOf });
    this.#draw();
  }

  #groups() {
    const found = matching(this.every, this.typed);
    const typed = typedChoice(this.every, this.typed);
    const isNew = typed && !found.some(({ choices }) => choices.some(({ text }) => text === typed.text));
    return isNew ? [{ key: "typed", heading: "As typed", about: "", choices: [typed] }, ...found] : found;
  }

  #draw() {
    if (!this.body) return;
    const groups = cut(this.#groups());
    this.choices = groups.flatMap(({ choices }) => choices);
    this.active = Math.min(this.active, Math.max(0, this.choices.length - 1));
    const run = this.panel.lastValues.known.run;
    paint(this.body, [
      h("label", { key: "label", for: "reference-search", class: "visually-hidden" }, "Search for a value"),
      this.#search(),
      h("p", { key: "about", class: "field-help" }, run ? `Values are those of run #${run.number}.` : "There is no run yet whose values could be shown."),
      this.#list(groups),
      h("p", { key: "count", class: "visually-hidden", role: "status" }, `${this.choices.length} values`),
    ]);
    this.body.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  #search() {
    return h("input", {
      key: "search", id: "reference-search", type: "search", role: "combobox", class: "panel-picker-search", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "true", "aria-controls": LIST, "aria-autocomplete": "list", placeholder: "Step, parameter, artifact, metric, output",
      "aria-activedescendant": this.choices?.length ? `${LIST}-${this.active}` : null, value: this.typed,
      onInput: (/** @type {Event} */ event) => this.#type(/** @type {HTMLInputElement} */ (event.target).value),
      onKeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event),
    });
  }

  /** @param {Group[]} groups */
  #list(groups) {
    if (!groups.length) return h("p", { key: "none", class: "empty", id: LIST, role: "listbox", "aria-label": "Values" }, "Nothing like that comes before this step.");
    let place = -1;
    const drawn = groups.map((group) => h(
      "div", { key: group.key, role: "group", "aria-labelledby": `${LIST}-${encodeURIComponent(group.key)}` },
      h("div", { class: "panel-picker-heading", id: `${LIST}-${encodeURIComponent(group.key)}` }, h("b", null, group.heading), group.about && h("span", { class: "muted small" }, group.about)),
      group.choices.map((choice) => this.#option(choice, (place += 1))),
    ));
    return h("div", { key: "list", id: LIST, role: "listbox", class: "panel-picker-list", "aria-label": "Values" }, drawn);
  }

  /** @param {Choice} choice @param {number} place */
  #option(choice, place) {
    const value = choice.value ? h("code", { class: "panel-picker-value" }, choice.value.words ?? shortened(written(choice.value.value), 80)) : null;
    return h(
      "div",
      {
        key: choice.text, id: `${LIST}-${place}`, role: "option", class: "panel-picker-option", "aria-selected": place === this.active ? "true" : "false",
        onClick: () => this.#choose(choice),
      },
      h("span", { class: "panel-picker-name" }, choice.words), h("span", { class: "muted small" }, choice.about), value,
      choice.begins ? icon("chevron-right") : null,
    );
  }

  /** @param {string} typed */
  #type(typed) {
    this.typed = typed;
    this.active = 0;
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = (this.choices?.length ?? 0) - 1;
    const moves = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + 8, PageUp: this.active - 8 };
    const to = moves[/** @type {keyof typeof moves} */ (event.key)];
    const chosen = this.choices?.[this.active];
    if (to !== undefined) this.active = Math.min(Math.max(to, 0), Math.max(last, 0));
    else if (event.key === "Enter" && chosen) this.#choose(chosen);
    else return;
    event.preventDefault();
    this.#draw();
  }

  /** @param {Choice} choice */
  #choose(choice) {
    if (choice.begins) {
      this.#type(choice.text.slice(2));
      this.body?.querySelector("input")?.focus();
      return;
    }
    this.answer?.(choice.text);
    this.dialog?.close();
  }
}

/** A list is read by eye; who has more than this searches. @param {Group[]} groups @returns {Group[]} */
function cut(groups) {
  let left = MOST_SHOWN;
  return groups.map((group) => {
    const choices = group.choices.slice(0, Math.max(0, left));
    left -= choices.length;
    return { ...group, choices };
  }).filter(({ choices }) => choices.length);
}
