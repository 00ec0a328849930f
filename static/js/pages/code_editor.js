/**
 * Fields for code: <textarea data-code="python"> becomes an editor (CodeMirror) that writes into
 * the field as one types, so that the form is sent as without it.
 *
 * The editor lives in a shadow root: there it brings its styles as sheets, elsewhere as a <style>
 * element, which the policy forbids.
 */
import { closeBrackets, closeBracketsKeymap } from "../../vendor/codemirror/autocomplete.js";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "../../vendor/codemirror/commands.js";
import { python } from "../../vendor/codemirror/lang-python.js";
import { yaml } from "../../vendor/codemirror/lang-yaml.js";
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "../../vendor/codemirror/language.js";
import { tags } from "../../vendor/codemirror/lezer-highlight.js";
import { EditorState } from "../../vendor/codemirror/state.js";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "../../vendor/codemirror/view.js";

const LOOK = EditorView.theme({
  "&": { fontSize: "13px", color: "var(--text)", backgroundColor: "var(--surface-raised)", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-code)", lineHeight: "1.55" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  ".cm-gutters": {
    color: "var(--text-muted)",
    backgroundColor: "var(--surface)",
    borderRight: "1px solid var(--border)",
  },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 10px 0 12px", minWidth: "34px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 5%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--surface-hover)", color: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--accent) 24%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "color-mix(in srgb, var(--accent) 20%, transparent)",
    outline: "1px solid var(--border-strong)",
  },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: "var(--code-comment)" },
  { tag: [tags.keyword, tags.operatorKeyword, tags.bool, tags.null], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: tags.number, color: "var(--code-number)" },
  {
    tag: [
      tags.function(tags.definition(tags.variableName)),
      tags.definition(tags.className),
      tags.definition(tags.propertyName),
      tags.meta,
    ],
    color: "var(--code-name)",
  },
]);

const LANGUAGES = {
  python: [python(), indentUnit.of("    ")],
  yaml: [yaml(), indentUnit.of("  ")],
};

/**
 * Typing over a selection. Chromium would keep the replaced text's colour by a style attribute,
 * which the policy refuses and reports; so the editor's own handlers are asked, not the browser.
 */
const TYPING_OVER = EditorView.domEventHandlers({
  beforeinput(/** @type {InputEvent} */ event, /** @type {any} */ view) {
    const { from, to, empty } = view.state.selection.main;
    const text = event.data;
    if (event.inputType !== "insertText" || !text || empty || view.composing || !event.cancelable) return false;
    const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type" });
    const taken = view.state
      .facet(EditorView.inputHandler)
      .some((/** @type {Function} */ handler) => handler(view, from, to, text, insert));
    if (!taken) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});

/** @param {HTMLTextAreaElement} field */
function attributesOf(field) {
  const label = field.labels?.[0]?.textContent?.trim() ?? field.name;
  /** @type {Record<string, string>} */
  const attributes = { "aria-label": `${label}. Escape, then Tab, leaves the editor.` };
  if (field.getAttribute("aria-invalid") === "true") attributes["aria-invalid"] = "true";
  return attributes;
}

/** @param {HTMLTextAreaElement} field @param {ShadowRoot} root */
function makeView(field, root) {
  const { value: text, dataset: { code: language } } = field;
  return makeCodeView(root, { text, language, attributes: attributesOf(field) }, (written) => {
    field.value = written;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

/**
 * An editor in a shadow root; *onText* hears what is written.
 * @param {ShadowRoot} root
 * @param {{text: string, language?: string, attributes: Record<string, string>, extensions?: any[]}} given
 * @param {(text: string) => void} onText
 */
export function makeCodeView(root, { text, language, attributes, extensions = [] }, onText) {
  const writeBack = EditorView.updateListener.of((/** @type {{docChanged: boolean}} */ update) => {
    if (update.docChanged) onText(view.state.doc.toString());
  });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        LANGUAGES[language === "yaml" ? "yaml" : "python"],
        syntaxHighlighting(COLOURS),
        LOOK,
        EditorView.contentAttributes.of(attributes),
        TYPING_OVER,
        writeBack,
        extensions,
      ],
    }),
  });
  return view;
}

/** @param {HTMLTextAreaElement} field */
function upgrade(field) {
  const host = document.createElement("div");
  host.className = "code-editor";
  if (field.getAttribute("aria-invalid") === "true") host.setAttribute("aria-invalid", "true");
  const view = makeView(field, host.attachShadow({ mode: "open" }));
  field.after(host);
  field.hidden = true;
  for (const label of field.labels ?? []) {
    label.addEventListener("click", () => view.focus());
  }
  const hint = document.createElement("p");
  hint.className = "field-help";
  hint.textContent = "Tab indents; Escape, then Tab, leaves the editor.";
  host.after(hint);
}

for (const field of document.querySelectorAll("textarea[data-code]")) {
  if (field instanceof HTMLTextAreaElement) upgrade(field);
}
