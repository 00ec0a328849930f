/**
 * Reruns on the run page, fetched when somebody comes near one: what a way to rerun would do is asked for and
 * painted while the pointer or the keyboard is on its button, and while the sheet is open.
 */

import { ask } from "../../editor/api.js";
import { toast } from "../../pages/toasts.js";
import { Legend } from "./legend.js";
import { Painting } from "./painting.js";
import { Sheet } from "./sheet.js";
import { waysOf } from "./ways.js";
import { workTold } from "./words.js";

/**
 * @typedef {import("../main.js").RunPage} RunPage
 * @typedef {import("./words.js").Preview} Preview
 * @typedef {import("./ways.js").Way} Way
 */

const RESTS_MS = 140;
/** With more steps a look in passing is not worth its answer; the sheet still asks. */
const MOST_HOVERED = 3000;

export class Rerunning {
  /** @param {RunPage} page */
  constructor(page) {
    this.page = page;
    this.painting = page.marks ??= new Painting(page);
    this.legend = new Legend();
    this.sheet = new Sheet(this);
    /** @type {Set<number>} signals whose answer is waited for */
    this.asked = new Set();
    /** @type {Map<string, Preview>} by what was asked; of the run as it was at `known` */
    this.answers = new Map();
    this.known = -1;
    this.timer = 0;
    /** @type {Element | null} */
    this.over = null;
    for (const type of ["pointerout", "focusout"]) document.addEventListener(type, (event) => this.#leave(event));
  }

  /** The pointer or the keyboard has come to a button. @param {HTMLElement} button */
  hover(button) {
    if (this.sheet.isOpen || this.over === button || this.page.names.length > MOST_HOVERED) return;
    this.over = button;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#peek(button), RESTS_MS);
  }

  /** @param {HTMLElement} button */
  async #peek(button) {
    const way = this.way(button.dataset.rerun ?? "");
    if (!way) return;
    try {
      const preview = await this.foresee(way.body);
      if (this.over === button && !this.sheet.isOpen) this.show(preview);
    } catch {
      // Whoever presses the button is told.
    }
  }

  /** @param {Event} event */
  #leave(event) {
    const to = /** @type {PointerEvent | FocusEvent} */ (event).relatedTarget;
    if (!this.over || (to instanceof Node && this.over.contains(to))) return;
    if (!(event.target instanceof Node) || !this.over.contains(event.target)) return;
    this.over = null;
    clearTimeout(this.timer);
    if (!this.sheet.isOpen) this.show(null);
  }

  /** @param {Preview | null} preview */
  show(preview) {
    this.painting.foresee(preview?.refused ? null : preview);
    this.legend.show(preview, this.sheet.isOpen);
  }

  /** What there is to choose from now. */
  ways() {
    const { page } = this;
    const { step } = page.looked;
    const steps = Object.values(page.store.view.steps);
    const counts = page.store.counts();
    return waysOf({
      step: page.selectedIndex < 0 ? null : step,
      follows: page.graphData.nodes.some(({ parents }) => parents.includes(page.selectedIndex)),
      chosen: [...page.chosen].sort((a, b) => a - b).map((index) => page.names[index]),
      failed: ["failed", "crashed", "aborted"].reduce((sum, word) => sum + (counts.get(word) ?? 0), 0),
      stale: steps.filter(({ stale }) => stale).length,
    });
  }

  /** @param {string} key */
  way(key) {
    return this.ways().find((way) => way.key === key) ?? null;
  }

  /** @param {Record<string, any>} body @returns {Promise<Preview>} */
  async foresee(body) {
    const { store, data } = this.page;
    if (this.known !== store.number) this.answers.clear();
    this.known = store.number;
    const key = JSON.stringify(body);
    const known = this.answers.get(key);
    if (known) return known;
    const preview = await ask(`${data.api}rerun/`, { method: "POST", body: { ...body, dry_run: true } });
    this.answers.set(key, preview);
    return preview;
  }

  /** @param {string} key @param {HTMLElement | null} [opener] */
  open(key, opener = null) {
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.removeAttribute("open");
    clearTimeout(this.timer);
    this.over = null;
    void this.sheet.open(key, opener);
  }

  /** @param {Record<string, any>} body @param {Preview | null} preview */
  async run(body, preview) {
    const { signal } = await ask(`${this.page.data.api}rerun/`, { method: "POST", body });
    this.asked.add(signal);
    const work = preview ? workTold(preview) : "";
    toast(work ? `Rerun asked for: ${work}.` : "Rerun asked for.");
  }

  /** The run's answer to what was asked here: only a refusal is worth a word. @param {import("../apply_change.js").Change[]} changes */
  hear(changes) {
    for (const { kind, data } of changes) {
      if (!["asked", "refused"].includes(kind) || !this.asked.delete(data.signal)) continue;
      if (kind === "refused") toast(`Not rerun: ${data.reason}.`, "error");
    }
    if (changes.length && this.sheet.isOpen) this.sheet.refresh();
  }
}
