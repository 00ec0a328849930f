/**
 * Choosing rows of a list: check boxes with ranges, all of the page, all that match; and the bar with what may be
 * asked of them, whose question comes in a dialog.
 *
 *   <form data-choose="runs" action="/runs/bulk/">   check boxes name it by their `form` attribute
 *
 * Keys, while the focus is on a check box: Space (with Shift: all from the last one), up and down, Home and End,
 * Ctrl+A for all, Esc for none. The list may be refreshed at any time: the boxes are looked up when needed.
 */
import { openPage } from "./dialogs.js";
import { toast } from "./toasts.js";

/** @param {HTMLFormElement} form */
export function startChoosing(form) {
  const choice = new Choice(form);
  choice.show();
}

class Choice {
  /** The box that was pressed last: where a range begins. @type {HTMLInputElement | null} */
  #last = null;

  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.list = /** @type {HTMLElement} */ (document.getElementById(form.dataset.choose ?? ""));
    this.list.addEventListener("click", (event) => this.#onClick(event));
    this.list.addEventListener("keydown", (event) => this.#onKey(event));
    form.addEventListener("change", () => this.show());
    form.addEventListener("submit", (event) => this.#ask(event));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.none();
    });
    form.querySelector("[data-choose-none]")?.addEventListener("click", () => this.none());
    // A refreshed list has other rows: what is chosen of those that are gone is no longer meant.
    new MutationObserver(() => this.show()).observe(this.list, { childList: true, subtree: true });
  }

  /** @returns {HTMLInputElement[]} */
  get boxes() {
    return [...this.list.querySelectorAll("input[type=checkbox][name=run]")].filter(
      (box) => box instanceof HTMLInputElement,
    );
  }

  /** The box above the others, for all of them. @returns {HTMLInputElement | null} */
  get head() {
    return this.list.querySelector("[data-choose-all]");
  }

  get chosen() {
    return this.boxes.filter((box) => box.checked);
  }

  /** Whether all that match are meant, not only those shown. @returns {HTMLInputElement | null} */
  get everything() {
    return this.form.querySelector("input[name=all]");
  }

  show() {
    const count = this.chosen.length;
    const all = this.everything;
    const head = this.head;
    if (all && all.checked && !count) all.checked = false;
    if (head) {
      head.checked = count > 0 && count === this.boxes.length;
      head.indeterminate = count > 0 && !head.checked;
    }
    this.form.hidden = !count;
    const words = all?.checked ? "All that match" : `${count} run${count === 1 ? "" : "s"} chosen`;
    const said = this.form.querySelector("[data-count]");
    if (said && said.textContent !== words) said.textContent = words;
  }

  none() {
    const had = document.activeElement;
    for (const box of this.boxes) box.checked = false;
    if (had instanceof HTMLElement && this.form.contains(had)) (this.#last ?? this.boxes[0])?.focus();
    this.show();
  }

  /** @param {boolean} checked */
  #all(checked) {
    for (const box of this.boxes) box.checked = checked;
    this.show();
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    if (box === this.head) {
      this.#all(box.checked);
      return;
    }
    if (box.name !== "run") return;
    const boxes = this.boxes;
    const from = this.#last ? boxes.indexOf(this.#last) : -1;
    if (event.shiftKey && from >= 0) {
      const to = boxes.indexOf(box);
      for (const between of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = box.checked;
    }
    this.#last = box;
    this.show();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) this.#all(true);
    else if (event.key === "Escape" && this.chosen.length) this.none();
    else if (!this.#goes(box, event.key)) return;
    event.preventDefault();
  }

  /** Moves the focus among the boxes. @param {HTMLInputElement} box @param {string} key */
  #goes(box, key) {
    const boxes = [this.head, ...this.boxes].filter((one) => one !== null);
    const place = boxes.indexOf(box);
    /** @type {Record<string, number>} */
    const places = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: boxes.length - 1 };
    const next = boxes[places[key] ?? -1];
    if (!(key in places) || !next) return false;
    next.focus();
    return true;
  }

  /** @param {SubmitEvent} event */
  #ask(event) {
    event.preventDefault();
    const query = new URLSearchParams();
    const button = event.submitter;
    if (button instanceof HTMLButtonElement) query.set(button.name, button.value);
    if (this.everything?.checked) {
      query.set("all", "1");
      for (const field of this.form.querySelectorAll("input[type=hidden]")) {
        if (field instanceof HTMLInputElement && field.value) query.set(field.name, field.value);
      }
    } else {
      for (const box of this.chosen) query.append("run", box.value);
    }
    openPage(`${this.form.action}?${query}`).catch((error) => toast(String(error.message ?? error), "error"));
  }
}
