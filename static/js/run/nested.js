/** The run inside a step, drawn below the chart that it belongs to; live, and as deep as one likes. Fetched on demand. */

import "../graph/element.js";
import { live } from "../live.js";
import { icon, putStatus } from "./marks.js";
import { graphStates } from "./snapshot.js";
import { RunStore } from "./store.js";

/**
 * @typedef {import("../graph/element.js").PipelineGraph} PipelineGraph
 * @typedef {{run: string, number: number, title: string, status: string, url: string}} Nested
 * @typedef {{api: string, step: string, attempt?: number}} Way a step of a run, by the run's address
 * @typedef {{way: Way, nested: Nested}} Level
 */

export class NestedRun {
  /** @param {HTMLElement} place @param {PipelineGraph} outer the chart that gets smaller for it */
  constructor(place, outer) {
    this.place = place;
    this.outer = outer;
    /** @type {Level[]} from the page's own run downwards */
    this.levels = [];
    /** @type {RunStore | null} */
    this.store = null;
    /** @type {HTMLElement | null} what had the focus before */
    this.cameFrom = null;
    this.asked = 0;
    this.unfollow = () => {};
    this.status = document.createElement("span");
    this.crumbs = Object.assign(document.createElement("ol"), { className: "crumbs" });
    this.page = Object.assign(document.createElement("a"), { className: "button button-small", textContent: "Open its page" });
    this.head = Object.assign(document.createElement("div"), { className: "run-nested-head" });
    this.head.append(this.status, this.crumbs, this.page, this.#closeButton());
    this.foot = Object.assign(document.createElement("p"), { className: "run-nested-foot small muted" });
    this.foot.setAttribute("aria-live", "polite");
    place.className = "run-nested";
    place.setAttribute("role", "region");
    place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.stopPropagation();
      this.close();
    });
  }

  #closeButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet button-icon button-small";
    button.title = "Close (Escape)";
    button.setAttribute("aria-label", "Close the inner run");
    button.append(icon("close"));
    button.addEventListener("click", () => this.close());
    return button;
  }

  /** Shows the run of a step of the page's own run. @param {Way} way */
  async open(way) {
    this.cameFrom = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    await this.#go([], way);
  }

  close() {
    this.asked += 1;
    this.unfollow();
    this.place.hidden = true;
    this.place.replaceChildren();
    this.levels = [];
    this.#fitOuter();
    if (this.cameFrom?.isConnected) this.cameFrom.focus();
    else this.outer.focus();
  }

  /** Once the chart has heard of its new size. */
  #fitOuter() {
    requestAnimationFrame(() => requestAnimationFrame(() => this.outer.fit()));
  }

  /** @param {Level[]} above @param {Way} way */
  async #go(above, way) {
    this.asked += 1;
    const asked = this.asked;
    if (this.place.hidden) {
      this.place.hidden = false;
      this.#fitOuter();
    }
    if (!this.place.childElementCount) this.place.append(this.head, this.foot);
    this.foot.textContent = `Fetching the run of ${way.step}…`;
    try {
      const nested = await nestedOf(way);
      if (asked !== this.asked) return;
      if (!nested) {
        this.foot.textContent = `${way.step} has not started a run yet.`;
        return;
      }
      const api = `/api/v1/runs/${nested.run}/`;
      const [graph, snapshot] = await Promise.all([fetchJson(`${api}graph/`), fetchJson(`${api}snapshot/`)]);
      if (asked === this.asked) this.#show([...above, { way, nested }], api, graph, snapshot);
    } catch (error) {
      if (asked === this.asked) this.foot.textContent = `The run inside cannot be shown: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** @param {Level[]} levels @param {string} api @param {any} graph @param {import("./snapshot.js").Snapshot} snapshot */
  #show(levels, api, graph, snapshot) {
    this.unfollow();
    this.levels = levels;
    const { nested } = levels[levels.length - 1];
    this.place.setAttribute("aria-label", `Inside ${nested.title}`);
    this.page.href = nested.url;
    this.#paintCrumbs();
    const chart = /** @type {PipelineGraph} */ (document.createElement("pipeline-graph"));
    chart.className = "run-nested-graph";
    chart.setAttribute("folds", "");
    chart.setAttribute("aria-label", `Graph of ${nested.title}`);
    this.place.replaceChildren(this.head, chart, this.foot);
    this.store = new RunStore(snapshot, { fetchSnapshot: () => fetchJson(`${api}snapshot/`), onNews: () => this.#paint(chart) });
    this.#paint(chart);
    void chart.setGraph(graph);
    chart.addEventListener("step-select", (event) => this.#tell(graph.nodes[indexOf(event)]));
    chart.addEventListener("step-open", (event) => this.#enter(api, graph.nodes[indexOf(event)]));
    this.#tell(null);
    const { store } = this;
    this.unfollow = live.follow(`run:${nested.run}`, {
      since: () => store.number, frame: (frame) => store.receive(frame), resync: () => void store.resync(), gone: () => this.close(),
    });
  }

  /** @param {PipelineGraph} chart */
  #paint(chart) {
    if (!this.store) return;
    chart.setStates(graphStates(this.store.view));
    putStatus(this.status, this.store.view.run.status, true);
  }

  #paintCrumbs() {
    this.crumbs.replaceChildren(...this.levels.map(({ way, nested }, depth) => {
      const item = document.createElement("li");
      if (depth === this.levels.length - 1) {
        item.setAttribute("aria-current", "page");
        item.textContent = nested.title;
        return item;
      }
      const back = Object.assign(document.createElement("button"), { type: "button", className: "button button-quiet button-small", textContent: nested.title });
      back.addEventListener("click", () => void this.#go(this.levels.slice(0, depth), way));
      item.append(back);
      return item;
    }));
  }

  /** What one can do with the step that was chosen. @param {any} node */
  #tell(node) {
    const { nested } = this.levels[this.levels.length - 1];
    if (!node) {
      this.foot.textContent = "Choose a step to go to it; open a nested one to look inside.";
      return;
    }
    const link = Object.assign(document.createElement("a"), { href: `${nested.url}?step=${encodeURIComponent(node.name)}`, textContent: `Open ${node.name} in ${nested.title}` });
    this.foot.replaceChildren(link);
  }

  /** @param {string} api @param {any} node */
  #enter(api, node) {
    const { nested } = this.levels[this.levels.length - 1];
    if (node?.kind === "pipeline") void this.#go(this.levels, { api, step: node.name });
    else if (node) location.assign(`${nested.url}?step=${encodeURIComponent(node.name)}`);
  }
}

/** The run that an attempt of a step is, its current one unless another is asked for. @param {Way} way @returns {Promise<Nested | null>} */
async function nestedOf({ api, step, attempt }) {
  const detail = await fetchJson(`${api}steps/${encodeURIComponent(step)}/`);
  const wanted = attempt ?? detail.attempt;
  return detail.attempts.find((/** @type {any} */ one) => one.number === wanted)?.nested ?? null;
}

/** @param {Event} event @returns {number} */
const indexOf = (event) => /** @type {CustomEvent} */ (event).detail.index ?? -1;

/** @param {string} url */
async function fetchJson(url) {
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}
