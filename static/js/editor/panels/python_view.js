/**
 * The document as a script that can be edited. What is typed is read by the server shortly after, and becomes the
 * document; what changes elsewhere is written into the text again. What both have changed is merged, as with other
 * people's saves. A text that cannot be read changes nothing: its problems stand below it and mark their lines, and so
 * does what the draft does not keep of a script.
 */

import { Transaction } from "../../../vendor/codemirror/state.js";
import { makeCodeView } from "../../pages/code_editor.js";
import { Refused } from "../api.js";
import { h, icon, paint } from "../elements.js";
import { same } from "../model/json.js";
import { merge } from "../model/merge.js";
import { changesOf } from "./text_change.js";
import { LINE_MARKS, markLines } from "./line_marks.js";

const GATHERS_MS = 350;
const RETRIES_MS = 3000;
/** For so long nothing is written into a text in which somebody has just typed. */
const RESTS_MS = 2000;
/** What the server says of a script that the draft does not keep. */
const NOT_TAKEN = "not_taken";

/**
 * @typedef {{step: string, first: number, last: number}} StepLines
 * @typedef {import("../api.js").Problem} Problem
 */

export class PythonView {
  /** @param {import("../editor.js").Editor} editor @param {HTMLElement} element */
  constructor(editor, element) {
    this.editor = editor;
    const host = document.createElement("div");
    host.className = "code-script-text";
    // Nothing can be typed before the document stands there.
    host.inert = true;
    this.host = host;
    this.below = document.createElement("div");
    this.below.className = "code-script-below";
    element.append(host, this.below);
    const attributes = { "aria-label": "Document as Python. Escape, then Tab, leaves the editor.", tabindex: "0" };
    const given = { text: "", language: "python", attributes, extensions: LINE_MARKS };
    this.view = makeCodeView(host.attachShadow({ mode: "open" }), given, () => this.#typed());
    /** The document that the text says, or said before something was typed that is not read. @type {any} */
    this.said = null;
    /** A document that cannot be written. @type {any} */
    this.unwritten = null;
    /** @type {StepLines[]} */
    this.steps = [];
    /** @type {Problem[]} */
    this.problems = [];
    /** Whether the text says something that the document does not. */
    this.isAhead = false;
    /** Whether this view writes now, so that nobody has typed. */
    this.isWriting = false;
    this.spoken = "";
    this.typedAt = -Infinity;
    /** Only the newest question counts. */
    this.asked = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.shown = "";
    // What was typed while a run was looked at, and could not be done then.
    editor.session.addEventListener("looking", () => !editor.looking && this.isAhead && this.read());
    window.addEventListener("beforeunload", (event) => this.isAhead && event.preventDefault());
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
      else if (this.unwritten !== document) this.#writeInTime();
    }
    this.#mark();
  }

  #writeInTime() {
    const rest = this.view.hasFocus ? this.typedAt + RESTS_MS - performance.now() : 0;
    if (rest <= 0) return void this.write();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.follow(), rest);
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
      if (this.problems.some(({ code }) => code === NOT_TAKEN)) this.editor.refuse("The script was written anew from the draft, without what the draft does not keep.");
      Object.assign(this, { said: document, unwritten: null, steps, problems: [], isAhead: false });
      this.host.inert = false;
      this.shown = "";
    } catch (error) {
      if (asked !== this.asked) return;
      this.unwritten = document;
      this.problems = problemsOf(error);
      if (isAway(error)) this.timer = setTimeout(() => void this.write(), RETRIES_MS);
    }
    this.#paint();
    this.follow();
  }

  /** Reads what stands here; what it changes of the document is changed. */
  async read() {
    const asked = ++this.asked;
    const { text } = this;
    clearTimeout(this.timer);
    try {
      const { document, problems, steps } = await this.editor.api.send("POST", "read/", { text });
      if (asked !== this.asked) return;
      Object.assign(this, { steps, problems });
      if (this.#take(document)) Object.assign(this, { said: document, isAhead: false });
      this.#announce("The script is taken");
    } catch (error) {
      if (asked !== this.asked) return;
      this.problems = problemsOf(error);
      if (isAway(error)) this.timer = setTimeout(() => void this.read(), RETRIES_MS);
      this.#announce("The script is not taken");
    }
    this.#paint();
    this.follow();
  }

  /** Does what was typed, beside what others and the canvas have done meanwhile. @param {any} written @returns {boolean} whether it could be done */
  #take(written) {
    const { editor, said: base } = this;
    const { document: theirs, saver } = editor.session;
    if (same(written, theirs)) return true;
    const { document, conflicts } = merge(base, written, theirs);
    if (!same(document, theirs) && !editor.perform("Edit the Python", () => document, { coalesce: "python" })) return false;
    if (conflicts.length) saver?.clash({ actor: "the canvas", base, mine: written, theirs, conflicts });
    return true;
  }

  /** Aloud, but not each time that somebody pauses while typing. @param {string} sentence */
  #announce(sentence) {
    const told = this.problems.slice(0, 3).map(({ line, message }) => `${line ? `line ${line}, ` : ""}${message}`);
    const spoken = [sentence, ...told].join(": ");
    if (spoken !== this.spoken) this.editor.announce(spoken);
    this.spoken = spoken;
  }

  #typed() {
    if (this.isWriting) return;
    this.isAhead = true;
    this.typedAt = performance.now();
    this.asked += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), GATHERS_MS);
  }

  /** Changes only what differs, so that the cursor stays where it was. @param {string} text */
  #put(text) {
    const changes = changesOf(this.text, text);
    if (!changes.length) return;
    this.isWriting = true;
    // Undoing in the text takes back what was typed there, and not what others have done.
    this.view.dispatch({ changes, annotations: Transaction.addToHistory.of(false) });
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
        h("p", null, "The draft has changed elsewhere, and what is written here is not in it. Both are merged when this can be read."),
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

/** Whether the server did not answer at all, so that it is asked again. @param {unknown} error */
const isAway = (error) => !(error instanceof Refused) || error.status >= 500;

/** @param {unknown} error @returns {Problem[]} */
function problemsOf(error) {
  if (error instanceof Refused && error.problems.length) return error.problems;
  const message = error instanceof Error ? error.message : String(error);
  return [{ where: "document", code: "error", message }];
}
