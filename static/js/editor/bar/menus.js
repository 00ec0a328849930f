/** Menus of verbs: under a button of the toolbar, or where somebody asks on the canvas. Arrow keys walk, Escape closes. */

import { VERBS, canDo, doVerb, labelOf } from "../verbs.js";

/**
 * @typedef {import("../editor.js").Editor} Editor
 * @typedef {string | {label: string, does: () => unknown} | null} Entry   a verb, something of this place, or a line between
 */

/** @type {Record<string, Entry[]>} */
export const MENUS = {
  align: ["align-left", "align-centre", "align-right", null, "align-top", "align-middle", "align-bottom", null, "distribute-x", "distribute-y"],
  more: ["save", "all", "paste", null, "outline", "code", "versions", null, "run-until", "run-only", null, "import", "export-yaml", "export-json", "export-python", "export-svg"],
  step: ["rename", "connect", "add", null, "run-until", "run-only", null, "cut", "copy", "duplicate", "group", "delete"],
  canvas: ["add", "note", "paste", null, "all", "arrange", "fit", null, "import", "export-yaml", "export-svg"],
};

export class Menu {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.element = document.createElement("div");
    this.element.className = "editor-menu";
    this.element.setAttribute("role", "menu");
    this.element.hidden = true;
    /** @type {HTMLElement | null} */
    this.opener = null;
    this.element.addEventListener("keydown", (event) => this.#press(event));
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node) || !this.element.contains(relatedTarget)) this.close(false);
    });
    document.getElementById("main")?.append(this.element);
  }

  /** @param {string} label @param {Entry[]} entries @param {{x: number, y: number}} at @param {HTMLElement | null} [opener] */
  open(label, entries, at, opener = null) {
    this.close(false);
    this.opener = opener ?? (document.activeElement instanceof HTMLElement ? document.activeElement : null);
    opener?.setAttribute("aria-expanded", "true");
    this.element.setAttribute("aria-label", label);
    this.element.replaceChildren(...entries.filter((entry) => typeof entry !== "string" || canDo(this.editor, entry) || entries.length > 9)
      .map((entry) => this.#item(entry)));
    this.element.hidden = false;
    const { offsetWidth, offsetHeight } = this.element;
    this.element.style.left = `${Math.max(8, Math.min(at.x, innerWidth - offsetWidth - 8))}px`;
    this.element.style.top = `${Math.max(8, Math.min(at.y, innerHeight - offsetHeight - 8))}px`;
    this.#items[0]?.focus();
  }

  /** @param {string} name @param {HTMLElement} button */
  openUnder(name, button) {
    const box = button.getBoundingClientRect();
    if (!this.element.hidden && this.opener === button) this.close(true);
    else this.open(button.getAttribute("aria-label") ?? button.textContent ?? "", MENUS[name], { x: box.left, y: box.bottom + 4 }, button);
  }

  /** @param {boolean} back whether the focus returns to where it was */
  close(back) {
    if (this.element.hidden) return;
    this.element.hidden = true;
    if (this.opener?.hasAttribute("aria-haspopup")) this.opener.setAttribute("aria-expanded", "false");
    if (back) this.opener?.focus();
  }

  get #items() {
    return /** @type {HTMLElement[]} */ ([...this.element.querySelectorAll("[role=menuitem]:not([aria-disabled=true])")]);
  }

  /** @param {Entry} entry */
  #item(entry) {
    if (entry === null) return Object.assign(document.createElement("hr"), { className: "editor-menu-line" });
    const item = document.createElement("button");
    item.type = "button";
    item.className = "editor-menu-item";
    item.setAttribute("role", "menuitem");
    item.tabIndex = -1;
    item.append(Object.assign(document.createElement("span"), { textContent: typeof entry === "string" ? labelOf(this.editor, entry) : entry.label }));
    const keys = typeof entry === "string" ? VERBS[entry].keys : undefined;
    if (keys) item.append(Object.assign(document.createElement("kbd"), { textContent: keys[0].replaceAll("+", " ") }));
    if (typeof entry === "string" && !canDo(this.editor, entry)) item.setAttribute("aria-disabled", "true");
    item.addEventListener("click", () => {
      if (item.getAttribute("aria-disabled")) return;
      this.close(true);
      if (typeof entry === "string") doVerb(this.editor, entry);
      else entry.does();
    });
    return item;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const items = this.#items;
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const places = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 };
    if (event.key in places) items[places[event.key]]?.focus();
    else if (event.key === "Escape") this.close(true);
    else if (event.key === "Tab") this.close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
