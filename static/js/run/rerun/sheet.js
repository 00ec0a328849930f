/**
 * The rerun's sheet: which steps, what their new attempts are to have of their own, and what would happen. It stands
 * beside the chart, which shows the same while it is open and can still be moved.
 */

import { Refused } from "../../editor/api.js";
import { swatch } from "./legend.js";
import { listed, made, makeSheet, offerSteps } from "./sheet_parts.js";
import { changesIn, showProblems } from "./values.js";
import { countsTold, stepsAsked, timeTold } from "./words.js";

/**
 * @typedef {import("./rerunning.js").Rerunning} Rerunning
 * @typedef {import("./ways.js").Way} Way
 * @typedef {import("./words.js").Preview} Preview
 */

const RESTS_MS = 250;

export class Sheet {
  /** @param {Rerunning} rerunning */
  constructor(rerunning) {
    this.rerunning = rerunning;
    /** @type {Way | null} */
    this.way = null;
    /** @type {Preview | null} */
    this.preview = null;
    /** @type {HTMLElement | null} */
    this.opener = null;
    /** @type {string | null} whose values are in the form */
    this.step = null;
    /** @type {string} */
    this.picked = "";
    this.timer = 0;
    this.asks = 0;
    const parts = makeSheet();
    this.dialog = parts.dialog;
    this.form = parts.form;
    this.ways = parts.ways;
    this.shown = parts.shown;
    this.pick = parts.pick;
    this.fields = parts.fields;
    this.fault = parts.fault;
    this.yes = parts.yes;
    this.closes = parts.closes;
    this.#listen();
  }

  get isOpen() {
    return this.dialog.open;
  }

  #listen() {
    const { dialog, form, closes } = this;
    document.body.append(dialog);
    for (const button of closes) button.addEventListener("click", () => this.close());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#run();
    });
    form.addEventListener("input", (event) => void this.#changed(event));
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
  }

  /** @param {string} key @param {HTMLElement | null} opener */
  async open(key, opener) {
    this.opener = opener ?? (document.activeElement instanceof HTMLElement ? document.activeElement : null);
    this.way = this.rerunning.way(key) ?? this.rerunning.ways()[0];
    this.#choose(this.way);
    this.#paintWays();
    this.preview = null;
    if (!this.isOpen) this.dialog.show();
    this.#focusWay();
    await this.#fetchFields("");
    await this.#foresee();
  }

  #focusWay() {
    const checked = this.ways.querySelector("input:checked");
    if (checked instanceof HTMLElement) checked.focus({ preventScroll: true });
  }

  close() {
    this.asks += 1;
    clearTimeout(this.timer);
    const hadFocus = this.dialog.contains(document.activeElement);
    this.dialog.close();
    this.rerunning.show(null);
    this.step = null;
    if (hadFocus && this.opener?.isConnected) this.opener.focus({ preventScroll: true });
  }

  #paintWays() {
    const legend = made("legend", "", "Which steps");
    this.ways.replaceChildren(legend, ...this.rerunning.ways().map((way) => {
      const label = made("label", "rerun-way");
      const input = Object.assign(made("input", ""), { type: "radio", name: "way", value: way.key, checked: way.key === this.way?.key });
      label.append(input, way.label);
      return label;
    }));
  }

  /** The run has moved, or others were selected: what would happen may be something else. */
  refresh() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#foresee(), RESTS_MS);
  }

  /** @param {Way | null} way */
  #choose(way) {
    this.way = way;
    this.picked = way?.step ?? "";
  }

  /** Another step was selected, or others chosen. */
  reoffer() {
    if (!this.isOpen) return;
    this.#choose(this.rerunning.way(this.way?.key ?? "") ?? this.rerunning.ways()[0]);
    this.#paintWays();
    void this.#fetchFields("");
    this.refresh();
  }

  /** @param {Event} event */
  async #changed({ target }) {
    if (target instanceof HTMLInputElement && target.name === "way") {
      this.#choose(this.rerunning.way(target.value));
      await this.#fetchFields("");
    } else if (target === this.pick) {
      this.picked = this.pick.value;
      await this.#fetchFields("");
    } else if (target instanceof HTMLSelectElement && target.id === "rerun-version") {
      await this.#fetchFields(target.value);
    }
    this.refresh();
  }

  /** What of the chosen step can be changed; the server knows its parameters. @param {string} version */
  async #fetchFields(version) {
    const step = this.picked;
    if (step === this.step && !version) return;
    this.step = step;
    const query = new URLSearchParams({ part: "rerun", step, version });
    const response = await fetch(`${location.pathname}?${query}`, { headers: { "X-Fragment": "yes" } });
    if (!response.ok || step !== this.step) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    this.fields.replaceChildren(...page.body.childNodes);
  }

  #body() {
    return { ...this.way?.body, ...changesIn(this.fields, this.step ?? "") };
  }

  async #foresee() {
    this.asks += 1;
    const asked = this.asks;
    try {
      const preview = await this.rerunning.foresee(this.#body());
      if (asked !== this.asks) return;
      this.#show(preview);
    } catch (error) {
      if (asked === this.asks) this.#refuse(error);
    }
  }

  /** @param {Preview} preview */
  #show(preview) {
    this.preview = preview;
    this.#tell("");
    showProblems(this.fields, []);
    this.yes.disabled = preview.refused !== null;
    if (preview.refused) this.#tell(`Not possible: ${preview.refused}.`);
    this.rerunning.show(preview);
    if (document.activeElement !== this.pick) offerSteps(this.pick, stepsAsked(preview), this.picked);
    const counts = made("p", "rerun-counts");
    counts.append(...countsTold(preview).map(([effect, count]) => swatch(effect, count)));
    const list = made("details", "rerun-list");
    list.open = this.shown.querySelector("details")?.open ?? false;
    list.append(made("summary", "small", "Which"), ...listed(preview));
    this.shown.replaceChildren(counts, made("p", "small muted", timeTold(preview)), list);
    this.shown.hidden = preview.refused !== null;
  }

  /** @param {unknown} error */
  #refuse(error) {
    const problems = error instanceof Refused ? error.problems : [];
    const left = showProblems(this.fields, problems);
    this.#tell(left.join(" ") || (problems.length ? "" : String(error instanceof Error ? error.message : error)));
    this.yes.disabled = true;
  }

  /** @param {string} text */
  #tell(text) {
    this.fault.textContent = text;
    this.fault.hidden = text === "";
  }

  async #run() {
    this.yes.disabled = true;
    try {
      await this.rerunning.run(this.#body(), this.preview);
      this.close();
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.yes.disabled = false;
    }
  }
}
