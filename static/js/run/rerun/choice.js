/** Several steps selected together, on the chart and in the table, with a bar of what can be asked of them. */

import { ask } from "../../editor/api.js";
import { confirmFirst } from "../../pages/dialogs.js";
import { toast } from "../../pages/toasts.js";
import { icon } from "../marks.js";
import { Painting } from "./painting.js";
import { counted } from "./ways.js";

/** @typedef {import("../main.js").RunPage} RunPage */

const STOPPABLE = new Set(["queued", "running", "awaiting", "aborting"]);

export class Choice {
  /** @param {RunPage} page */
  constructor(page) {
    this.page = page;
    this.painting = page.marks ??= new Painting(page);
    this.bar = document.createElement("div");
    this.bar.className = "run-choice";
    this.bar.hidden = true;
    this.bar.setAttribute("role", "group");
    this.bar.setAttribute("aria-label", "Selected steps");
    this.words = Object.assign(document.createElement("span"), { className: "run-choice-words" });
    this.words.setAttribute("role", "status");
    this.abort = button("stop", "Abort", () => void this.#abort());
    this.abort.classList.add("button-danger");
    this.bar.append(this.words, ...(page.data.may_operate ? this.#verbs() : []), button("close", "Clear", () => this.clear()));
    document.querySelector(".run-main")?.append(this.bar);
  }

  #verbs() {
    const only = button("rerun", "Rerun…", () => this.page.rerun(only, "selection"));
    only.dataset.rerun = "selection";
    const below = button("arrow-right", "And what follows…", () => this.page.rerun(below, "below"));
    below.dataset.rerun = "below";
    return [only, below, this.abort];
  }

  /** In when any of them is out, else out. @param {number[]} steps */
  toggle(steps) {
    const { chosen } = this.page;
    const all = steps.every((step) => chosen.has(step));
    for (const step of steps) {
      if (all) chosen.delete(step);
      else chosen.add(step);
    }
    this.paint();
  }

  /** @param {number[]} steps */
  add(steps) {
    for (const step of steps) this.page.chosen.add(step);
    this.paint();
  }

  /** The step that the keyboard is at, in the table or on the chart. */
  toggleHere() {
    const { page } = this;
    const row = document.activeElement?.closest("tr[data-step]");
    if (row instanceof HTMLElement) this.toggle([Number(row.dataset.step)]);
    else if (page.looked.tab === "graph") page.graph.toggle(page.graph.steps.nodeOf(page.graph.currentStep));
    else if (page.selectedIndex >= 0) this.toggle([page.selectedIndex]);
  }

  clear() {
    this.page.chosen.clear();
    this.paint();
  }

  paint() {
    const { chosen, store } = this.page;
    this.bar.hidden = chosen.size === 0;
    this.words.textContent = chosen.size ? `${counted(chosen.size, "step")} selected` : "";
    this.abort.hidden = ![...chosen].some((step) => STOPPABLE.has(store.view.steps[step]?.status));
    this.painting.paint();
    this.page.reruns?.sheet.reoffer();
  }

  async #abort() {
    const { page } = this;
    const steps = [...page.chosen].filter((step) => STOPPABLE.has(page.store.view.steps[step]?.status)).map((step) => page.names[step]);
    if (!(await confirmFirst(`Abort ${counted(steps.length, "selected step")}: ${steps.slice(0, 5).join(", ")}${steps.length > 5 ? " …" : ""}?`, "Abort them"))) return;
    try {
      await ask(`${page.data.api}abort/`, { method: "POST", body: { steps } });
      toast(`Asked ${counted(steps.length, "step")} to end.`);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), "error");
    }
  }
}

/** @param {string} symbol @param {string} text @param {() => void} act */
function button(symbol, text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "button button-small" });
  made.append(icon(symbol), text);
  made.addEventListener("click", act);
  return made;
}
