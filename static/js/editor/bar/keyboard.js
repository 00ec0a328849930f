/** The editor's keys: looked up in the table of verbs, listed in the `?` dialog. The clipboard comes by its events. */

import { isTyping, singleKeys } from "../../run/typing.js";
import { copied, paste, removeSelected } from "../edits.js";
import { VERBS, canDo, doVerb, labelOf } from "../verbs.js";
import { nameOfKey } from "./keys.js";

/** @typedef {import("../editor.js").Editor} Editor */

/** The browser's events for these carry the clipboard; the keys alone would not. */
const CLIPBOARD = new Set(["copy", "cut", "paste"]);
/** These are not about the step that the keyboard is at. */
const EVERYTHING = new Set(["undo", "redo", "all", "save", "find", "problems", "outline", "fit", "arrange", "group", "run"]);
const CANVAS_KEYS = {
  "Arrow keys": "Go to a neighbouring step", Enter: "Open the step's properties", Space: "Select or deselect the step",
  "Alt+arrow keys": "Move the selected steps; with Shift further", "Shift+drag": "Select with a rectangle",
  Esc: "End what is under way, then deselect", "+ −": "Zoom in and out", "1": "Actual size", c: "Collapse or open the group", m: "Map",
};
/** While these have the focus, a key is theirs. */
const OWN_KEYS = "dialog, [role=menu], [role=tab], summary";

const verbByKey = new Map(Object.entries(VERBS).flatMap(([verb, { keys = [] }]) => keys.map((key) => [key, verb])));

/** @param {Editor} editor */
export function startKeyboard(editor) {
  listKeys(editor);
  let afterG = -Infinity;
  document.addEventListener("keydown", (event) => {
    const going = event.timeStamp - afterG < 1200;
    afterG = event.key === "g" && !event.ctrlKey && !event.metaKey ? event.timeStamp : -Infinity;
    const key = nameOfKey(event);
    const verb = verbByKey.get(key);
    if (!verb || event.defaultPrevented || CLIPBOARD.has(verb) || !isOurs(event, key, going)) return;
    // Even when it cannot be done: the browser's own meaning of these keys would leave the page or mark its text.
    event.preventDefault();
    if (!EVERYTHING.has(verb)) editor.selectFocused();
    doVerb(editor, verb);
  });
  startClipboard(editor);
}

/** @param {KeyboardEvent} event @param {string} key @param {boolean} going */
function isOurs(event, key, going) {
  if (document.querySelector("dialog[open]")) return false;
  const { target } = event;
  const anywhere = ["Ctrl+S", "Ctrl+Enter"].includes(key);
  if (isTyping(target)) return anywhere;
  if (key.length === 1) return !going && singleKeys() && !isIn(target, OWN_KEYS);
  if (key === "Delete" || key === "Backspace") return isIn(target, "#editor-graph, #panel-outline") || target === document.body;
  return true;
}

/** @param {EventTarget | null} target @param {string} selector */
const isIn = (target, selector) => target instanceof Element && target.closest(selector) !== null;

/** Text that somebody has marked, or types in, is copied as ever. @param {Editor} editor */
function startClipboard(editor) {
  const busy = (/** @type {Event} */ event) =>
    isTyping(event.target) || isTyping(document.activeElement) || document.querySelector("dialog[open]") !== null;
  const put = (/** @type {ClipboardEvent} */ event) => {
    if (busy(event) || String(getSelection())) return false;
    editor.selectFocused();
    if (!editor.selected.length) return false;
    event.clipboardData?.setData("text/plain", copied(editor));
    event.preventDefault();
    return true;
  };
  document.addEventListener("copy", (event) => {
    if (put(event)) editor.announce(`${editor.selected.length} ${editor.selected.length === 1 ? "step" : "steps"} copied.`);
  });
  document.addEventListener("cut", (event) => {
    if (canDo(editor, "cut") && put(event)) removeSelected(editor);
  });
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (busy(event) || !text.trim() || !canDo(editor, "paste")) return;
    event.preventDefault();
    paste(editor, text);
  });
}

/** Adds the editor's keys to the list that `?` shows. @param {Editor} editor */
function listKeys(editor) {
  const list = document.querySelector("#keys-dialog .keys");
  const add = (/** @type {string[]} */ keys, /** @type {string} */ words) => {
    const name = document.createElement("dt");
    for (const key of keys) name.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
    list?.append(name, Object.assign(document.createElement("dd"), { textContent: words }));
  };
  for (const [verb, { keys }] of Object.entries(VERBS)) if (keys) add([keys[0].replaceAll("+", " ")], labelOf(editor, verb).split(":")[0]);
  for (const [keys, words] of Object.entries(CANVAS_KEYS)) add([keys.replaceAll("+", " ").trim() || keys], words);
}
