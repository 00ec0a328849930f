/**
 * Everything that the toolbar, the menus and the keyboard can ask for, in one table: its words, its keys, when it
 * can be done, and what it does.
 */

import * as edits from "./edits.js";
import { stepsOf } from "./picture.js";

/**
 * @typedef {import("./editor.js").Editor} Editor
 * @typedef {{label: string | ((editor: Editor) => string), keys?: string[], can?: (editor: Editor) => boolean,
 *   does: (editor: Editor) => unknown, looks?: boolean}} Verb   looks: it changes nothing, so it can be done while one looks at a run
 */

const some = (/** @type {Editor} */ editor) => editor.selected.length > 0;
const several = (/** @type {Editor} */ editor) => editor.selected.length > 1;
const three = (/** @type {Editor} */ editor) => editor.selected.length > 2;
const one = (/** @type {Editor} */ editor) => editor.onlySelected !== null;
const anything = (/** @type {Editor} */ { session: { selection } }) => selection.steps.size + selection.edges.size + selection.notes.size > 0;
const steps = (/** @type {Editor} */ editor) => stepsOf(editor.session.document).length > 0;
const mayRun = (/** @type {Editor} */ editor) => Boolean(editor.data.may_run);

/** @type {Record<string, Verb>} */
export const VERBS = {
  undo: {
    label: ({ session }) => (session.canUndo ? `Undo: ${session.undoLabel}` : "Undo"), keys: ["Ctrl+Z"],
    can: ({ session }) => session.canUndo, does: undo,
  },
  redo: {
    label: ({ session }) => (session.canRedo ? `Redo: ${session.redoLabel}` : "Redo"), keys: ["Ctrl+Shift+Z", "Ctrl+Y"],
    can: ({ session }) => session.canRedo, does: redo,
  },
  add: { label: "Add a step after the selection", keys: ["a"], does: (editor) => editor.parts.place.open() },
  connect: {
    label: "Draw a connection from here: arrows choose the target, Enter connects", keys: ["e"], can: one,
    does: (editor) => editor.editing.startConnecting(editor.indexOf(/** @type {string} */ (editor.onlySelected))),
  },
  rename: { label: "Rename the step", keys: ["F2"], can: one, does: (editor) => editor.parts.properties.rename() },
  delete: { label: "Delete what is selected", keys: ["Delete", "Backspace"], can: anything, does: edits.removeSelected },
  note: { label: "Add a note", keys: ["n"], does: (editor) => edits.addNote(editor) },
  copy: { label: "Copy", keys: ["Ctrl+C"], can: some, does: copy },
  cut: { label: "Cut", keys: ["Ctrl+X"], can: some, does: (editor) => copy(editor).then(() => edits.removeSelected(editor)) },
  paste: { label: "Paste", keys: ["Ctrl+V"], does: pasteFromClipboard },
  duplicate: { label: "Duplicate", keys: ["Ctrl+D"], can: some, does: edits.duplicate },
  all: {
    label: "Select all steps", keys: ["Ctrl+A"], can: steps, looks: true,
    does: (editor) => editor.select(stepsOf(editor.session.document).map(({ name }) => name)),
  },
  arrange: {
    label: (editor) => (several(editor) ? "Arrange the selected steps" : "Arrange all steps"), keys: ["Ctrl+Shift+L"],
    can: steps, does: edits.arrange,
  },
  group: { label: "Group", keys: ["Ctrl+G"], can: several, does: edits.group },
  "align-left": { label: "Align left edges", can: several, does: (editor) => edits.align(editor, "left") },
  "align-centre": { label: "Align centres across", can: several, does: (editor) => edits.align(editor, "centre") },
  "align-right": { label: "Align right edges", can: several, does: (editor) => edits.align(editor, "right") },
  "align-top": { label: "Align top edges", can: several, does: (editor) => edits.align(editor, "top") },
  "align-middle": { label: "Align middles down", can: several, does: (editor) => edits.align(editor, "middle") },
  "align-bottom": { label: "Align bottom edges", can: several, does: (editor) => edits.align(editor, "bottom") },
  "distribute-x": { label: "Distribute across", can: three, does: (editor) => edits.distribute(editor, "across") },
  "distribute-y": { label: "Distribute down", can: three, does: (editor) => edits.distribute(editor, "down") },
  find: { label: "Find a step", keys: ["/"], looks: true, does: () => document.getElementById("editor-find")?.focus() },
  outline: { label: "Outline: the same as a list", keys: ["o"], looks: true, does: (editor) => editor.left?.toggle("outline", "palette") },
  code: { label: "The document as YAML, JSON or Python", looks: true, does: (editor) => editor.right?.show("code", true) },
  versions: { label: "Versions", looks: true, does: (editor) => editor.right?.show("versions", true) },
  problems: { label: "Problems", keys: ["p"], looks: true, does: (editor) => editor.parts.problems.toggle() },
  saving: { label: "Saving", looks: true, does: (editor) => editor.parts.saved.tell() },
  save: { label: "Save now", keys: ["Ctrl+S"], looks: true, does: (editor) => editor.session.saveNow() },
  publish: { label: "Publish…", does: (editor) => load(editor, "publish") },
  run: { label: "Run…", keys: ["Ctrl+Enter"], can: mayRun, does: (editor) => load(editor, "run", {}) },
  "run-only": {
    label: "Run this step only…", can: (editor) => mayRun(editor) && some(editor),
    does: (editor) => load(editor, "run", { only: editor.selected }),
  },
  "run-until": {
    label: "Run up to here…", can: (editor) => mayRun(editor) && some(editor),
    does: (editor) => load(editor, "run", { until: editor.selected }),
  },
  import: { label: "Import a file…", does: async (editor) => (await import("./files/import.js")).choose(editor) },
  "export-yaml": { label: "Export as YAML", looks: true, does: (editor) => save(editor, "yaml") },
  "export-python": { label: "Export as Python", looks: true, does: (editor) => save(editor, "python") },
  "export-json": { label: "Export as JSON", looks: true, does: (editor) => save(editor, "json") },
  "export-svg": { label: "Export the picture (SVG)", looks: true, does: (editor) => save(editor, "svg") },
  fit: { label: "Fit everything into view", keys: ["0"], looks: true, does: (editor) => editor.editing.fitTo(null) },
  "fit-selection": {
    label: "Fit the selection into view", keys: ["Shift+0", ")"], can: some, looks: true,
    does: (editor) => editor.editing.fitTo(editor.selected.map((name) => editor.indexOf(name))),
  },
};

/** @param {Editor} editor @param {string} name */
export function canDo(editor, name) {
  const { can, looks } = VERBS[name];
  return (looks || !editor.looking) && (can?.(editor) ?? true);
}

/** @param {Editor} editor @param {string} name @returns {string} */
export function labelOf(editor, name) {
  const { label } = VERBS[name];
  return typeof label === "string" ? label : label(editor);
}

/** @param {Editor} editor @param {string} name @returns {boolean} whether it was done */
export function doVerb(editor, name) {
  if (!canDo(editor, name)) return false;
  Promise.resolve(VERBS[name].does(editor)).catch((error) => editor.refuse(String(error?.message ?? error)));
  return true;
}

/** @param {Editor} editor */
function undo(editor) {
  const label = editor.session.undoLabel;
  editor.session.undo();
  editor.announce(`Undone: ${label}.`);
}

/** @param {Editor} editor */
function redo(editor) {
  const label = editor.session.redoLabel;
  editor.session.redo();
  editor.announce(`Done again: ${label}.`);
}

/** From a menu; the keys go through the browser's own clipboard events. @param {Editor} editor */
async function copy(editor) {
  await navigator.clipboard.writeText(edits.copied(editor));
  editor.announce(`${editor.selected.length} copied.`);
}

/** @param {Editor} editor */
async function pasteFromClipboard(editor) {
  edits.paste(editor, await navigator.clipboard.readText());
}

/** A dialog is fetched when it is first asked for. @param {Editor} editor @param {"publish" | "run"} which @param {any} [options] */
async function load(editor, which, options) {
  if (which === "publish") (await import("./run/publish_dialog.js")).open(editor);
  else (await import("./run/run_dialog.js")).open(editor, options);
}

/** @param {Editor} editor @param {"yaml" | "json" | "python" | "svg"} format */
async function save(editor, format) {
  await (await import("./files/export.js")).download(editor, format);
}
