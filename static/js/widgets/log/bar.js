/** The bar above a log: what it says, and its tools. Words, labels and elements; it decides nothing. */

import { icon } from "../../run/marks.js";

const LEVELS = {
  "": "All lines", error: "Errors", "error,warning": "Warnings, errors",
  "error,warning,info": "Info and above", "error,warning,info,debug": "All levels",
};

export class LogBar {
  element = made("div", "log-bar");
  label = made("span", "log-label cut");
  state = made("span", "log-state small muted");
  level = made("select", "log-level");
  find = made("input", "log-find");
  count = made("span", "log-count small muted");
  line = made("input", "log-goto");
  download = made("a", "button button-quiet button-icon button-small");

  /** @param {{step: (direction: 1 | -1) => void, search: () => void, filter: () => void, goTo: (line: number) => void,
   *   wrap: () => void, follow: () => void, close: () => void}} does */
  constructor(does) {
    this.pattern = toggle("Regular expression", ".*", does.search);
    this.matchCase = toggle("Match case", "Aa", does.search);
    this.wrapping = button("Wrap long lines", "wrap", does.wrap);
    this.following = button("Follow the end", "lock", does.follow);
    press(this.wrapping, false);
    press(this.following, true);
    this.#dressFields();
    this.#listen(does);
    const title = made("strong", "");
    title.textContent = "Log";
    this.element.append(
      title, this.label, this.state, made("span", "log-space"), this.level, this.find, this.pattern, this.matchCase, this.count,
      button("Previous match", "chevron-up", () => does.step(-1)), button("Next match", "chevron-down", () => does.step(1)),
      this.line, this.wrapping, this.following, this.download, button("Close the log", "close", does.close),
    );
  }

  #dressFields() {
    Object.assign(this.find, { type: "search", placeholder: "Find", autocomplete: "off", maxLength: 500, title: "Find in the whole log (Ctrl F)" });
    this.find.setAttribute("aria-label", "Find in the log");
    Object.assign(this.line, { type: "text", inputMode: "numeric", placeholder: "Line", autocomplete: "off", title: "Go to a line" });
    this.line.setAttribute("aria-label", "Go to line");
    this.level.setAttribute("aria-label", "Levels");
    for (const [value, words] of Object.entries(LEVELS)) this.level.append(new Option(words, value));
    this.count.setAttribute("aria-live", "polite");
    this.download.title = "Download";
    this.download.setAttribute("aria-label", "Download the log");
    this.download.append(icon("download"));
  }

  /** @param {{step: (direction: 1 | -1) => void, search: () => void, filter: () => void, goTo: (line: number) => void}} does */
  #listen(does) {
    this.find.addEventListener("input", does.search);
    this.find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") does.step(event.shiftKey ? -1 : 1);
      if (event.key !== "Escape" || !this.find.value) return;
      event.stopPropagation();
      this.find.value = "";
      does.search();
    });
    this.level.addEventListener("change", does.filter);
    this.line.addEventListener("keydown", (event) => {
      const line = Number(this.line.value.replace(/[, ]/g, ""));
      if (event.key === "Enter" && Number.isInteger(line) && line > 0) does.goTo(line - 1);
    });
  }

  /** What is looked for, as the search is asked for it. */
  get wanted() {
    const wanted = new URLSearchParams();
    if (this.find.value) wanted.set("find", this.find.value);
    if (this.find.value && isPressed(this.pattern)) wanted.set("pattern", "1");
    if (this.find.value && isPressed(this.matchCase)) wanted.set("case", "1");
    return wanted;
  }

  /** An expression for what is looked for, to mark it; none when the browser cannot read it. @returns {RegExp | null} */
  get expression() {
    const words = this.find.value;
    if (!words) return null;
    const flags = isPressed(this.matchCase) ? "g" : "gi";
    try {
      return new RegExp(isPressed(this.pattern) ? words : words.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), flags);
    } catch {
      return null;
    }
  }
}

/** @param {Element} element */
export const isPressed = (element) => element.getAttribute("aria-pressed") === "true";

/** @param {Element} element @param {boolean} now */
export const press = (element, now) => element.setAttribute("aria-pressed", String(now));

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} className @returns {HTMLElementTagNameMap[Tag]}
 */
export function made(tag, className) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  return element;
}

/** @param {string} label @param {string} picture @param {() => void} act */
function button(label, picture, act) {
  const element = plainButton(label, act);
  element.append(icon(picture));
  return element;
}

/** @param {string} label @param {string} sign @param {() => void} act */
function toggle(label, sign, act) {
  const element = plainButton(label, () => {
    press(element, !isPressed(element));
    act();
  });
  element.classList.add("log-sign");
  element.textContent = sign;
  press(element, false);
  return element;
}

/** @param {string} label @param {() => void} act */
function plainButton(label, act) {
  const element = made("button", "button button-quiet button-icon button-small");
  element.type = "button";
  element.title = label;
  element.setAttribute("aria-label", label);
  element.addEventListener("click", act);
  return element;
}
