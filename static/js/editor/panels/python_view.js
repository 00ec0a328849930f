/**
 * The document as a script that can be edited. What is typed is read by the server shortly after, and becomes the
 * document; what changes elsewhere is written into the text again. A text that cannot be read changes nothing: its
 * problems stand below it and mark their lines.
 */

import { makeCodeView } from "../../pages/code_editor.js";
import { Refused } from "../api.js";
import { h, icon, paint } from "../elements.js";
import { same } from "../model/json.js";
import { changeOf } from "./text_change.js";
import { LINE_MARKS, markLines } from "./line_marks.js";

const GATHERS_MS = 350;

/**
 * @typedef {{step: string, first: number, last: number}} StepLines
 * @typedef {import("../api.js").Problem & {line?: number}} Problem
 */

export class PythonView {
  /** @param {import("../editor.js").Editor} editor @param {HTMLElement} element */
  constructor(editor, element) {
    this.editor = editor;
    const host = document.createElement("div");
    host.className = "code-script-text";
    this.below = document.createElement("div");
    this.below.className = "code-script-below";
    element.append(host, this.below);
    const attributes = { "aria-label": "Document as Python. Escape, then Tab, leaves the editor.", tabindex: "0" };
    const given = { text: "", language: "python", attributes, extensions: LINE_MARKS };
    this.view = makeCodeView(host.attachShadow({ mode: "open" }), given, () => this.#typed());
    /** The document that the text says. @type {any} */
    this.said = null;
    /** @type {StepLines[]} */
    this.steps = [];
    /** @type {Problem[]} */
    this.problems = [];
    /** Whether the text says something that the document does not. */
    this.isAhead = false;
    /** Whether this view writes now, so that nobody has typed. */
    this.isWriting = false;
    /** Only the newest question counts. */
    this.asked = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.shown = "";
    this.#paint();
  }

  get text() {
    return this.view.state.doc.toString();
  }

  /** Takes what the session holds now: another document is written, what is selected is marked. */
  follow() {
    const { document } = this.editor.session;
    if (this.said !== document && !same(this.said, document)) {
      if (this.isAhead) this.#paint();
      else void this.write();
    }
    this.#mark();
  }

  /** Writes the session's document in the place of what stands here. */
  async write() {
    const { document } = this.editor.session;
    const asked = ++this.asked;
    clearTimeout(this.timer);
    try {
      const { text, steps } = await this.editor.api.send("POST", "write/", { document });
      if (asked !== this.asked) return;
      this.#put(text);
      Object.assign(this, { said: document, steps, problems: [], isAhead: false });
      this.shown = "";
    } catch (error) {
      if (asked !== this.asked) return;
      this.said = document;
      this.problems = problemsOf(error);
    }
    this.#paint();
    this.follow();
  }

  /** Reads what stands here; the document becomes what it says. */
  async read() {
    const asked = ++this.asked;
    const { text } = this;
    try {
      const { document, problems, steps } = await this.editor.api.send("POST", "read/", { text });
      if (asked !== this.asked) return;
      Object.assign(this, { said: document, steps, problems, isAhead: false });
      const options = { coalesce: "python" };
      if (!same(document, this.editor.session.document)) this.isAhead = !this.editor.perform("Edit the Python", () => document, options);
    } catch (error) {
      if (asked !== this.asked) return;
      this.problems = problemsOf(error);
      this.editor.announce(`The script is not taken: ${this.problems[0].message}`);
    }
    this.#paint();
    this.#mark();
  }

  #typed() {
    if (this.isWriting) return;
    this.isAhead = true;
    this.asked += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), GATHERS_MS);
  }

  /** Changes only what differs, so that the cursor stays where it was. @param {string} text */
  #put(text) {
    const change = changeOf(this.text, text);
    if (!change) return;
    this.isWriting = true;
    this.view.dispatch({ changes: change });
    this.isWriting = false;
  }

  #mark() {
    const { selection } = this.editor.session;
    const chosen = this.isAhead ? [] : this.steps.filter(({ step }) => selection.steps.has(step));
    const key = chosen.map(({ step }) => step).join("\n");
    const isNew = key !== this.shown && key !== "" && !this.view.hasFocus;
    this.shown = key;
    markLines(this.view, { chosen, problems: this.problems, reveal: isNew ? chosen[0].first : null });
  }

  #paint() {
    const { document } = this.editor.session;
    const isLeft = this.isAhead && this.said !== null && !same(this.said, document);
    paint(this.below, [
      isLeft && h("div", { class: "code-script-left", key: "left" },
        h("p", null, "The draft has changed elsewhere, and what is written here is not in it."),
        h("button", { type: "button", class: "button button-small", onClick: () => this.write() }, "Write the draft here")),
      this.problems.length > 0 && h("ul", { class: "code-script-problems", "aria-label": "Problems of the script", key: "problems" },
        this.problems.map((problem, place) => h("li", { key: place }, this.#problem(problem)))),
    ]);
    this.below.hidden = !isLeft && this.problems.length === 0;
  }

  /** @param {Problem} problem */
  #problem({ line, message, severity = "error" }) {
    const sentence = [icon(severity === "warning" ? "info" : "warning"), line ? h("b", null, `Line ${line}`) : null, h("span", null, message)];
    const props = { class: "code-script-problem", "data-severity": severity };
    return line ? h("button", { type: "button", ...props, onClick: () => this.#goTo(line) }, sentence) : h("p", props, sentence);
  }

  /** @param {number} line */
  #goTo(line) {
    const { doc } = this.view.state;
    const { from } = doc.line(Math.min(line, doc.lines));
    this.view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
    this.view.focus();
  }
}

/** @param {unknown} error @returns {Problem[]} */
function problemsOf(error) {
  if (error instanceof Refused && error.problems.length) return error.problems;
  const message = error instanceof Error ? error.message : String(error);
  return [{ where: "document", code: "error", message }];
}
