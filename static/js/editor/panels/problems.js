/** The list of problems: each leads to its step and field, and has a button where there is an obvious way to mend it. */

import { mend } from "../edits.js";
import { h, icon, paint } from "../elements.js";

/**
 * @typedef {import("../editor.js").Editor} Editor
 * @typedef {import("../api.js").Problem} Problem
 */

/** So many are listed; mending a few shows the next. */
const MOST = 200;

/** What a problem's place says after its step: steps[2].parameters.General/rows → parameters.General/rows. @param {string} where */
export const fieldOf = (where) => where.replace(/^steps\[\d+\]\.?/, "");

/** @param {readonly Problem[]} problems @returns {{errors: number, warnings: number}} */
export function countsOf(problems) {
  const warnings = problems.filter(({ severity }) => severity === "warning").length;
  return { errors: problems.length - warnings, warnings };
}

/** @param {{errors: number, warnings: number}} counts */
export function countSentence({ errors, warnings }) {
  const parts = [];
  if (errors) parts.push(errors === 1 ? "1 error" : `${errors} errors`);
  if (warnings) parts.push(warnings === 1 ? "1 warning" : `${warnings} warnings`);
  return parts.join(", ") || "No problems";
}

export class Problems {
  /** @param {Editor} editor @param {HTMLElement} element @param {HTMLElement} button counts, and opens the list */
  constructor(editor, element, button) {
    this.editor = editor;
    this.element = element;
    this.button = button;
    /** @type {"asking" | "known" | "unknown"} */
    this.state = "asking";
    this.spoken = "";
    this.speaking = 0;
    editor.session.addEventListener("problems", () => this.paint());
    this.paint();
  }

  /** @param {"asking" | "known" | "unknown"} state */
  hear(state) {
    this.state = state;
    this.paint();
  }

  toggle(open = this.element.hidden) {
    this.element.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    this.paint();
    if (open) {
      const first = this.element.querySelector("button");
      if (first instanceof HTMLElement) first.focus();
    } else {
      this.button.focus();
    }
  }

  paint() {
    const { problems } = this.editor.session;
    const counts = countsOf(problems);
    const sentence = this.state === "unknown" ? "Cannot check now" : countSentence(counts);
    const look = counts.errors ? "error" : counts.warnings ? "warning" : this.state === "unknown" ? "unknown" : "good";
    this.button.dataset.look = look;
    paint(this.button, [icon(look === "good" ? "check" : "warning"), h("span", null, sentence)]);
    this.button.toggleAttribute("data-asking", this.state === "asking");
    this.#speak(sentence);
    if (!this.element.hidden) this.#list(problems, sentence);
  }

  /** Once somebody has stopped typing. @param {string} sentence */
  #speak(sentence) {
    clearTimeout(this.speaking);
    if (sentence === this.spoken || this.state !== "known") return;
    this.speaking = window.setTimeout(() => {
      if (this.spoken) this.editor.announce(`${sentence}.`);
      this.spoken = sentence;
    }, 1200);
  }

  /** @param {readonly Problem[]} problems @param {string} sentence */
  #list(problems, sentence) {
    paint(this.element, [
      h("div", { class: "editor-problems-head", key: "head" }, h("h2", null, sentence),
        h("button", { type: "button", class: "button button-quiet button-small button-icon", "aria-label": "Close the list of problems", onClick: () => this.toggle(false) }, icon("close"))),
      problems.length === 0 && h("p", { class: "muted", key: "none" }, "It can be run and published as it is."),
      h("ul", { class: "editor-problem-list", key: "list" }, problems.slice(0, MOST).map((problem, place) => this.#row(problem, place))),
      problems.length > MOST && h("p", { class: "muted", key: "more" }, `${problems.length - MOST} more.`),
    ]);
  }

  /** @param {Problem} problem @param {number} place */
  #row(problem, place) {
    const { step, where, message, severity = "error", fix } = problem;
    return h("li", { key: `${place} ${where}`, class: "editor-problem", "data-severity": severity },
      icon("warning"),
      h("button", { type: "button", class: "editor-problem-go", onClick: () => this.#go(problem) },
        h("span", { class: "visually-hidden" }, severity === "warning" ? "Warning: " : "Error: "),
        step && h("strong", null, step), step && " ", h("span", null, message),
        h("code", { class: "editor-problem-where" }, fieldOf(where))),
      fix && h("button", { type: "button", class: "button button-small", onClick: () => mend(this.editor, problem) }, fix.label));
  }

  /** @param {Problem} problem */
  #go({ step, where }) {
    if (step && this.editor.indexOf(step) >= 0) void this.editor.goTo(step, fieldOf(where));
    else void this.editor.goToPipeline(where);
  }
}
