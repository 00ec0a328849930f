/** The document as YAML or JSON beside the canvas: read-only, with the lines of what is selected marked. */

import { h, icon, paint } from "../elements.js";
import { linesOf } from "../files/yaml.js";
import { doVerb } from "../verbs.js";
import { wordsOf } from "./code_words.js";

/** A longer text has no colours. */
const COLOURED_LINES = 3000;

export class CodeView {
  /** @param {import("../editor.js").Editor} editor @param {HTMLElement} element */
  constructor(editor, element) {
    this.editor = editor;
    this.element = element;
    /** @type {"yaml" | "json"} */
    this.format = "yaml";
    this.frame = 0;
    /** The steps whose lines were last brought into view. */
    this.shown = "";
    for (const event of ["document", "selection"]) editor.session.addEventListener(event, () => this.soon());
    new MutationObserver(() => this.soon()).observe(element, { attributes: true, attributeFilter: ["hidden"] });
    this.paint();
  }

  soon() {
    if (!this.element.hidden) this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    const { document, selection } = this.editor.session;
    const { lines, steps } = linesOf(document, this.format);
    const coloured = lines.length <= COLOURED_LINES;
    paint(this.element, [
      h("div", { class: "code-head", key: "head" },
        h("div", { class: "code-formats", role: "group", "aria-label": "Format" }, this.#choice("yaml", "YAML"), this.#choice("json", "JSON")),
        h("div", { class: "actions" },
          h("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": "Copy the document", title: "Copy the document", onClick: () => this.#copy(lines) }, icon("copy")),
          h("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": "Save as a file", title: "Save as a file", onClick: () => doVerb(this.editor, `export-${this.format}`) }, icon("download")),
          h("button", { type: "button", class: "button button-small button-quiet", onClick: () => doVerb(this.editor, "import") }, icon("upload"), "Import…"))),
      h("div", { class: "code-text", role: "region", tabindex: "0", "aria-label": `Document as ${this.format.toUpperCase()}`, key: `text ${this.format}` },
        h("pre", null, lines.map((line, place) => h("span", {
          class: "code-line", key: place, "data-selected": steps[place] !== null && selection.steps.has(/** @type {string} */ (steps[place])),
        }, coloured ? wordsOf(line).map(([kind, word]) => (kind ? h("span", { class: `code-${kind}` }, word) : word)) : line, "\n")))),
    ]);
    const key = [...selection.steps].join("\n");
    if (key !== this.shown) this.element.querySelector("[data-selected]")?.scrollIntoView({ block: "center" });
    this.shown = key;
  }

  /** @param {"yaml" | "json"} format @param {string} words */
  #choice(format, words) {
    return h("button", {
      type: "button", class: "button button-small", "aria-pressed": String(this.format === format),
      onClick: () => {
        this.format = format;
        this.paint();
      },
    }, words);
  }

  /** @param {string[]} lines */
  async #copy(lines) {
    await navigator.clipboard.writeText(`${lines.join("\n")}\n`);
    this.editor.announce("The document is copied.");
  }
}
