/** The table of the steps: kept up to date row by row, filtered by status and by name. */

import { putClock, putStatus, putText } from "./marks.js";
import { nextOrder, sorted } from "./sorting.js";

/** @typedef {import("./store.js").RunStore} RunStore */

export class StepTable {
  /** @param {RunStore} store @param {string[]} names */
  constructor(store, names) {
    this.store = store;
    this.names = names;
    /** @type {import("./sorting.js").Order | null} */
    this.order = null;
    /** @type {string | null} */
    this.status = new URLSearchParams(location.search).get("status");
    this.words = "";
    this.search = /** @type {HTMLInputElement | null} */ (document.getElementById("run-filter"));
    this.clear = document.getElementById("run-filter-clear");
    this.search?.addEventListener("input", () => {
      this.words = this.search?.value.trim().toLowerCase() ?? "";
      this.filter();
    });
    this.clear?.addEventListener("click", () => this.showOnly(null));
    this.dress();
  }

  /** Makes the heads of a table that the server wrote into buttons, and puts its rows in order. */
  dress() {
    for (const head of document.querySelectorAll("#run-table th[data-sort]")) {
      const by = head.getAttribute("data-sort") ?? "";
      if (!head.querySelector("button")) this.#button(head, by);
      if (this.order?.by === by) head.setAttribute("aria-sort", this.order.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
    if (this.order) this.#arrange();
  }

  /** @param {Element} head @param {string} by */
  #button(head, by) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "run-sort";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      this.order = nextOrder(this.order, by);
      this.dress();
      if (!this.order) this.#arrange();
    });
    head.replaceChildren(button);
  }

  #arrange() {
    const body = document.querySelector("#run-table tbody");
    const rows = new Map(this.rows.map((row) => [Number(row.dataset.step), row]));
    for (const index of sorted(this.store.view.steps, this.names, this.order)) {
      const row = rows.get(index);
      if (row) body?.append(row);
    }
  }

  /** @returns {HTMLElement[]} */
  get rows() {
    return [...document.querySelectorAll("#run-table tr[data-step]")].map((row) => /** @type {HTMLElement} */ (row));
  }

  /** @param {Iterable<number> | null} steps all of them when null */
  paint(steps) {
    const rows = steps === null ? this.rows : [...steps].map((index) => document.getElementById(`row-${index}`));
    for (const row of rows) if (row) this.#paintRow(row);
    this.filter();
  }

  /** @param {HTMLElement} row */
  #paintRow(row) {
    const step = this.store.view.steps[row.dataset.step ?? ""];
    if (!step) return;
    const cell = (/** @type {string} */ name) => row.querySelector(`[data-cell=${name}]`);
    if (row.dataset.status !== step.status) {
      row.dataset.status = step.status;
      putStatus(cell("status"), step.status);
      // Why it waits is the server's to say; what it said about another status is not true any more.
      putText(cell("why"), step.reason ?? "");
    } else if (step.reason) {
      putText(cell("why"), step.reason);
    }
    putText(cell("attempt"), step.attempt ? String(step.attempt) : "");
    putClock(cell("took"), step.started_at, step.ended_at);
  }

  /** @param {string | null} status */
  showOnly(status) {
    this.status = status;
    this.filter();
  }

  filter() {
    for (const row of this.rows) {
      const named = !this.words || (row.dataset.name ?? "").toLowerCase().includes(this.words);
      row.hidden = !named || (this.status !== null && row.dataset.status !== this.status);
    }
    if (this.clear) {
      this.clear.hidden = this.status === null;
      this.clear.textContent = `Only ${this.status} ✕`;
      this.clear.setAttribute("aria-label", `Show all steps, not only ${this.status}`);
    }
    for (const item of document.querySelectorAll("#run-legend a")) {
      if (item.getAttribute("data-filter") === this.status) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  }

  /** @param {string | null} name */
  mark(name) {
    for (const row of this.rows) {
      const here = row.dataset.name === name;
      row.toggleAttribute("data-selected", here);
      const link = row.querySelector(".row-title");
      if (here) link?.setAttribute("aria-current", "true");
      else link?.removeAttribute("aria-current");
    }
  }
}
