/** The toolbar and every other button that names a verb: its words, whether it can be pressed, and what it does. */

import { VERBS, canDo, doVerb, labelOf } from "../verbs.js";

/** @typedef {import("../editor.js").Editor} Editor */

/** @param {Editor} editor @param {import("./menus.js").Menu} menu */
export function startToolbar(editor, menu) {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-verb], [data-menu]") : null;
    if (!(button instanceof HTMLElement) || button.getAttribute("aria-disabled") === "true") return;
    if (button.dataset.menu) menu.openUnder(button.dataset.menu, button);
    else if (button.dataset.verb) doVerb(editor, button.dataset.verb);
  });
  walk(document.getElementById("editor-tools"));
  const paint = () => paintButtons(editor);
  for (const event of ["document", "selection", "looking"]) editor.session.addEventListener(event, paint);
  paint();
}

/** @param {Editor} editor */
export function paintButtons(editor) {
  for (const button of document.querySelectorAll("[data-verb]")) {
    if (!(button instanceof HTMLElement)) continue;
    const verb = button.dataset.verb ?? "";
    const keys = VERBS[verb].keys?.[0];
    const label = labelOf(editor, verb);
    // Not `disabled`: a button that is pressed to the end of its list would drop the keyboard's focus.
    button.setAttribute("aria-disabled", String(!canDo(editor, verb)));
    if (!button.textContent?.trim()) button.setAttribute("aria-label", label);
    if (keys) button.setAttribute("aria-keyshortcuts", keys.replace("Ctrl", "Control"));
    button.title = keys ? `${label} (${keys.replaceAll("+", " ")})` : label;
  }
  for (const button of document.querySelectorAll("[data-several]")) {
    if (button instanceof HTMLElement) button.hidden = editor.selected.length < 2;
  }
}

/** One stop for Tab; the arrow keys go along the toolbar. @param {HTMLElement | null} bar */
function walk(bar) {
  if (!bar) return;
  const stops = () => /** @type {HTMLElement[]} */ ([...bar.querySelectorAll("button, input")]).filter((stop) => stop.checkVisibility());
  const set = (/** @type {Element | null} */ current) => {
    for (const stop of bar.querySelectorAll("button, input")) /** @type {HTMLElement} */ (stop).tabIndex = stop === current ? 0 : -1;
  };
  set(stops()[0]);
  bar.addEventListener("focusin", ({ target }) => set(/** @type {Element} */ (target)));
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || (event.target instanceof HTMLInputElement && event.target.value)) return;
    const all = stops();
    const at = all.indexOf(/** @type {HTMLElement} */ (event.target));
    event.preventDefault();
    all[(at + step + all.length) % all.length]?.focus();
  });
}
