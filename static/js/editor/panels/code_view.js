/**
 * The document beside the canvas, with the lines of what is selected marked: as YAML or JSON to be read, as Python
 * to be edited (python_view.js, fetched when it is first wanted).
 */

import { h, icon, paint } from "../elements.js";
import { linesOf } from "../files/yaml.js";
import { doVerb } from "../verbs.js";
import { wordsOf } from "./code_words.js";

/** A longer text has no colours. */
const COLOURED_LINES = 3000;

/** @typedef {"yaml" | "json" | "python"} Format */

/** @type {Record<Format, string>} */
const FORMATS = { yaml: "YAML", json: "JSON", python: "Python" };

export class CodeView {
  /** @param {import("../editor.js").Editor} editor @param {HTMLElement} element */
  constructor(editor, element) {
    this.editor = editor;
    this.element = element;
    /** @type {Format} */
    this.format = "yaml";
    this.frame = 0;
    /** The steps whose lines were last brought into view. */
    this.shown = "";
    this.painted = Object.assign(document.createElement("div"), { className: "code-painted" });
    this.host = Object.assign(document.createElement("div"), { className: "code-script", hidden: true });
    element.append(this.painted, this.host);
    /** @type {Promise<import("./python_view.js").PythonView> | null} */
    this.python = null;
    for (const event of ["document", "selection"]) editor.session.addEventListener(event, () => this.soon());
    new MutationObserver(() => this.soon()).observe(element, { attributes: true, attributeFilter: ["hidden"] });
    this.paint();
  }

  soon() {
    if (!this.element.hidden) this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    const isPython = this.format === "python";
    this.host.hidden = !isPython;
    if (isPython) this.#paintPython();
    else this.#paintText(/** @type {"yaml" | "json"} */ (this.format));
  }

  /** @param {"yaml" | "json"} format */
  #paintText(format) {
    const { document, selection } = this.editor.session;
    const { lines, steps } = linesOf(document, format);
    const coloured = lines.length <= COLOURED_LINES;
    paint(this.painted, [
      this.#head(async () => `${lines.join("\n")}\n`),
      h("div", { class: "code-text", role: "region", tabindex: "0", "aria-label": `Document as ${FORMATS[format]}`, key: `text ${format}` },
        h("pre", null, lines.map((line, place) => h("span", {
          class: "code-line", key: place, "data-selected": steps[place] !== null && selection.steps.has(/** @type {string} */ (steps[place])),
        }, coloured ? wordsOf(line).map(([kind, word]) => (kind ? h("span", { class: `code-${kind}` }, word) : word)) : line, "\n")))),
    ]);
    const key = [...selection.steps].join("\n");
    if (key !== this.shown) this.painted.querySelector("[data-selected]")?.scrollIntoView({ block: "center" });
    this.shown = key;
  }

  #paintPython() {
    paint(this.painted, [this.#head(async () => (await this.python)?.text ?? "")]);
    this.python ??= import("./python_view.js").then(({ PythonView }) => new PythonView(this.editor, this.host));
    void this.python.then((view) => view.follow());
  }

  /** @param {() => Promise<string>} text what is copied */
  #head(text) {
    return h("div", { class: "code-head", key: "head" },
      h("div", { class: "code-formats", role: "group", "aria-label": "Format" }, Object.keys(FORMATS).map((format) => this.#choice(/** @type {Format} */ (format)))),
      h("div", { class: "actions" },
        h("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": "Copy the document", title: "Copy the document", onClick: () => this.#copy(text) }, icon("copy")),
        h("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": "Save as a file", title: "Save as a file", onClick: () => doVerb(this.editor, `export-${this.format}`) }, icon("download")),
        h("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": "Import…", title: "Import a file…", onClick: () => doVerb(this.editor, "import") }, icon("upload"))));
  }

  /** @param {Format} format */
  #choice(format) {
    return h("button", {
      type: "button", class: "button button-small", "aria-pressed": String(this.format === format),
      onClick: () => {
        this.format = format;
        this.paint();
      },
    }, FORMATS[format]);
  }

  /** @param {() => Promise<string>} text */
  async #copy(text) {
    await navigator.clipboard.writeText(await text());
    this.editor.announce("The document is copied.");
  }
}
