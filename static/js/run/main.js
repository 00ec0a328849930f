/**
 * The run page: takes the server's page, keeps it true while the run moves, and lets people look around in it.
 * State: the run's view (store.js), and what is looked at (tab, step, attempt), which stands in the address.
 */

import { graphOf } from "../graph/columns.js";
import "../graph/element.js";
import { live } from "../live.js";
import { dataOf } from "../pages/data.js";
import { readAddress, writeAddress } from "./address.js";
import { paintBadge, paintHeader } from "./header.js";
import { startKeys } from "./keys.js";
import { putStatus } from "./marks.js";
import { showPanels } from "./panels.js";
import { Parts } from "./parts.js";
import { Speaker } from "./speaker.js";
import { graphStates } from "./snapshot.js";
import { RunStore } from "./store.js";
import { paintFolds, paintTools, startTools, useTool } from "./tools.js";

/**
 * @typedef {import("../graph/element.js").PipelineGraph} PipelineGraph
 * @typedef {import("./store.js").News} News
 */

export class RunPage {
  /** @param {any} data @param {import("../graph/model.js").GraphData} graphData @param {import("./snapshot.js").Snapshot} snapshot */
  constructor(data, graphData, snapshot) {
    this.data = data;
    this.graphData = graphData;
    this.names = graphData.nodes.map(({ name }) => name);
    this.looked = { ...readAddress(), step: this.data.step };
    /** @type {Set<number>} */
    this.dirty = new Set();
    this.dirtyAll = false;
    this.painting = 0;
    this.store = new RunStore(snapshot, {
      fetchSnapshot: () => fetchJson(`${this.data.api}snapshot/`), onNews: (news) => this.hear(news),
    });
    this.graph = /** @type {PipelineGraph} */ (document.getElementById("run-graph"));
    /** @type {import("./table.js").StepTable | null} fetched when somebody looks at it */
    this.table = null;
    /** @type {Promise<import("./seek.js").Seek> | null} */
    this.seeking = null;
    /** @type {Promise<import("./rerun/choice.js").Choice> | null} */
    this.choosing = null;
    /** @type {number[] | null} the steps that are looked for */
    this.found = null;
    /** What a rerun would do to each step, while somebody looks at that. @type {Map<number, string> | null} */
    this.effects = null;
    /** @type {Set<number>} the steps that are selected together */
    this.chosen = new Set();
    /** @type {import("./rerun/painting.js").Painting | null} what paints both */
    this.marks = null;
    /** @type {import("./rerun/rerunning.js").Rerunning | null} */
    this.reruns = null;
    this.speaker = new Speaker(document.getElementById("run-spoken"));
    this.parts = new Parts((part) => this.queryOf(part), (part) => this.fresh(part));
    /** @type {import("./log_drawer.js").LogDrawer | null} fetched with its list when first opened */
    this.log = null;
    /** @type {import("./nested.js").NestedRun | null} */
    this.nested = null;
    /** @type {Promise<import("./script.js").Script> | null} what drives the run, if that is a script */
    this.script = null;
    /** @type {Promise<void> | null} while the graph of a later revision is fetched */
    this.growing = null;
  }

  start() {
    this.graph.setStates(graphStates(this.store.view));
    void this.graph.setGraph(this.graphData).then(() => {
      this.#showSelection(true);
      paintFolds(this);
    });
    this.graph.addEventListener("step-select", (event) => this.select(detailOf(event)));
    this.graph.addEventListener("step-open", (event) => {
      const index = detailOf(event);
      this.select(index);
      if (index !== null && this.graphData.nodes[index]?.kind === "pipeline") void this.openNested(this.names[index]);
      document.getElementById("part-step")?.scrollIntoView({ block: "nearest" });
    });
    document.addEventListener("click", (event) => this.click(event));
    window.addEventListener("popstate", () => this.#return());
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || !form.matches("[data-run-action], [data-sheet]")) return;
      event.preventDefault();
      if (form.dataset.sheet !== undefined) {
        this.rerun(form);
        return;
      }
      this.reruns?.show(null);
      void import("./actions.js").then(({ act }) => act(form, this));
    });
    for (const type of ["pointerover", "focusin"]) document.addEventListener(type, ({ target }) => this.#near(target));
    this.graph.addEventListener("step-toggle", (event) => void this.choice().then((choice) => choice.toggle(/** @type {CustomEvent} */ (event).detail.steps)));
    startKeys(this);
    startTools(this);
    paintTools(this);
    this.#showTab();
    const status = new URLSearchParams(location.search).get("status");
    if (status) void this.seek().then((seek) => seek.look({ status }));
    this.parts.watch();
    showPanels();
    if (this.data.has_script) this.script = import("./script.js").then(({ Script }) => new Script(this));
    // States that were fetched beside the page may be younger than what the page says.
    if (this.store.number > this.data.last_change) this.hear({ run: true, all: true, steps: new Set(), changes: [] });
    // A link to lines of a log opens it there.
    const ofScript = new URLSearchParams(location.search).get("log") === "script";
    if (location.hash.startsWith("#L")) void this.openLog(location.hash, ofScript ? "script" : "step");
    live.onState((now) => {
      paintBadge(now);
      if (now.state === "live") this.parts.catchUp();
    });
    live.follow(`run:${this.data.run}`, {
      since: () => this.store.number,
      frame: (frame) => this.store.receive(frame),
      resync: () => void this.store.resync(),
      gone: () => location.reload(),
    });
  }

  /** @param {News} news */
  hear(news) {
    for (const index of news.steps) this.dirty.add(index);
    this.dirtyAll ||= news.all;
    if (news.all && (this.store.view.steps[this.names.length] || news.changes.some(({ data }) => data.revision > this.graphData.revision))) this.#grow();
    this.speaker.hear(news.changes);
    this.reruns?.hear(news.changes);
    if (news.run || news.all) this.parts.refresh("actions");
    if (news.run || news.all || news.changes.some(({ kind }) => kind === "stale")) this.parts.refresh("stale");
    if (news.run) for (const part of ["parameters", "cause"]) this.parts.refresh(part);
    if (news.run || this.store.view.run.status === "aborting") this.parts.refresh("aborting");
    void this.script?.then((script) => script.hear(news));
    this.#refreshStep(news);
    // A new attempt takes away what the one before has left.
    const left = news.changes.some(({ kind, data }) => kind === "artifact_added" || (kind === "attempt_added" && data.number > 1));
    if (news.all || left) this.parts.refresh("artifacts");
    if (this.looked.tab === "history") this.parts.refresh("history");
    // Hidden tabs get no frames; what is dirty is painted when somebody looks again.
    this.painting ||= requestAnimationFrame(() => this.paint());
  }

  /** There are more steps than in the picture. */
  #grow() {
    this.growing ??= import("./growing.js").then(({ grow }) => grow(this)).finally(() => {
      this.growing = null;
      // What came meanwhile may have brought still more.
      if (this.store.view.steps[this.names.length]) this.#grow();
    });
  }

  /** The picture and the lists know the new steps. */
  showGrown() {
    const { length } = this.names;
    this.speaker.tell("steps", `The run has ${length} ${length === 1 ? "step" : "steps"} now.`);
    this.#showSelection(false);
    paintFolds(this);
    this.dirtyAll = true;
    this.paint();
  }

  paint() {
    this.painting = 0;
    if (this.dirtyAll) this.graph.setStates(graphStates(this.store.view));
    else this.graph.applyStates([...this.dirty].map((index) => [index, { ...this.store.view.steps[index] }]));
    this.table?.paint(this.dirtyAll ? null : this.dirty);
    paintHeader(this.store);
    paintTools(this);
    void this.script?.then((script) => script.paint());
    void this.seeking?.then((seek) => seek.changed());
    const selected = this.store.view.steps[this.selectedIndex];
    if (selected && (this.dirtyAll || this.dirty.has(this.selectedIndex))) this.#putStepStatus(selected.status);
    this.dirty.clear();
    this.dirtyAll = false;
  }

  /** A wish is on its way: shown at once as asked for, until the run's changes tell what became of it. @param {string} verb @param {string} step */
  asked(verb, step) {
    if (verb !== "abort-step" && verb !== "abort") return;
    const named = verb === "abort" ? [...this.names.keys()] : [this.names.indexOf(step)];
    const ends = named.filter((index) => this.store.view.steps[index]?.status === "running");
    this.store.presume(ends, "aborting");
    for (const index of ends) this.dirty.add(index);
    this.paint();
  }

  /** What came of the wish; one that was refused takes back what was shown. @param {boolean} taken */
  answered(taken) {
    if (taken) this.parts.refresh("actions");
    else void this.store.resync();
  }

  /** @param {string} status */
  #putStepStatus(status) {
    putStatus(document.querySelector(`[data-step-status="${this.selectedIndex}"]`), status, true);
    for (const form of document.querySelectorAll("#part-step form[data-run-action]")) {
      // What could be asked of it may be over; the panel that comes with the next part knows.
      if (status === "aborting" && form instanceof HTMLElement) form.hidden = true;
    }
  }

  /** Why a step waits depends on others, so a waiting one is asked about after any news. @param {News} news */
  #refreshStep({ steps, all }) {
    const index = this.selectedIndex;
    if (index < 0) return;
    const ours = [...steps].some((step) => this.graphData.nodes[step]?.of === index);
    const waits = ["pending", "queued", "aborting"].includes(this.store.view.steps[index]?.status);
    if (all || waits || ours || steps.has(index)) this.parts.refresh("step");
  }

  get selectedIndex() {
    return this.looked.step === null ? -1 : this.names.indexOf(this.looked.step);
  }

  /** @param {number | null} index @param {string | null} [attempt] */
  select(index, attempt = null) {
    const step = index === null ? null : this.names[index] ?? null;
    if (step === this.looked.step && attempt === this.looked.attempt) return;
    this.looked = { ...this.looked, step, attempt };
    writeAddress(this.looked, step !== null);
    this.#showSelection(false);
    void this.parts.now("step").then(() => {
      // In a narrow window the panel stands below what was pressed.
      if (step !== null && matchMedia("(max-width: 960px)").matches) {
        document.getElementById("part-step")?.scrollIntoView({ block: "start" });
      }
    });
  }

  /** @param {boolean} reveal whether to bring the step into view */
  #showSelection(reveal) {
    const index = this.selectedIndex;
    this.graph.select(index < 0 ? null : index);
    if (index >= 0 && reveal) this.graph.reveal(index);
    this.table?.mark();
    this.reruns?.sheet.reoffer();
    paintTools(this);
    document.querySelector(".run-columns")?.toggleAttribute("data-step-open", index >= 0);
  }

  /** @param {string} tab */
  show(tab) {
    this.looked.tab = tab;
    writeAddress(this.looked, true);
    this.#showTab();
    if (tab !== "graph" && tab !== "table") void this.parts.now(tab);
  }

  #showTab() {
    for (const panel of document.querySelectorAll("[data-panel]")) {
      if (panel instanceof HTMLElement) panel.hidden = panel.dataset.panel !== this.looked.tab;
      panel.classList.remove("without-js");
    }
    for (const link of document.querySelectorAll("[data-tab]")) {
      const here = link instanceof HTMLElement && link.dataset.tab === this.looked.tab;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const tools = document.getElementById("run-tools");
    if (tools) tools.hidden = this.looked.tab !== "graph" && this.looked.tab !== "table";
    paintFolds(this);
    if (this.looked.tab === "table") void this.#showTable();
  }

  async #showTable() {
    const { StepTable } = await import("./table.js");
    this.table ??= new StepTable(this);
    this.table.paint(null);
    if (this.selectedIndex >= 0) this.table.reveal(this.selectedIndex);
  }

  /** What looks for steps; fetched the first time. */
  seek() {
    this.seeking ??= import("./seek.js").then(({ Seek }) => new Seek(this));
    return this.seeking;
  }

  /** What a way to rerun would do is shown to who comes near its button. @param {EventTarget | null} target */
  #near(target) {
    const button = target instanceof Element ? target.closest("[data-rerun]") : null;
    if (button instanceof HTMLElement) void this.rerunning().then((reruns) => reruns.hover(button));
  }

  /** Reruns, fetched when somebody comes near one. */
  async rerunning() {
    const { Rerunning } = await import("./rerun/rerunning.js");
    this.reruns ??= new Rerunning(this);
    return this.reruns;
  }

  /** Opens the sheet. @param {HTMLElement | null} opener @param {string} [way] */
  rerun(opener, way = opener?.dataset.rerun ?? "") {
    void this.rerunning().then((reruns) => reruns.open(way, opener));
  }

  /** Several steps selected together; fetched the first time. */
  choice() {
    this.choosing ??= import("./rerun/choice.js").then(({ Choice }) => new Choice(this));
    return this.choosing;
  }

  /** Selects a step and brings it into view, in the chart or in the table. @param {number} step */
  goTo(step) {
    this.select(step);
    if (this.looked.tab === "table") this.table?.reveal(step);
    else void this.graph.flyTo(step);
  }

  #return() {
    this.looked = readAddress();
    this.#showTab();
    this.#showSelection(true);
    void this.parts.now("step");
  }

  /** @param {MouseEvent} event */
  click(event) {
    const link = event.target instanceof Element ? event.target.closest("a, button") : null;
    if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const { tab, select, selectName, attempt, filter, tool, logOf, openNested } = link.dataset;
    if (openNested) void this.openNested(openNested, Number(attempt));
    else if (tab) this.show(tab);
    else if (select !== undefined) this.select(select === "" ? null : Number(select));
    else if (selectName) this.select(this.names.indexOf(selectName));
    else if (attempt) this.select(this.selectedIndex, attempt);
    else if (filter) this.#filter(filter);
    else if (tool) useTool(tool, this);
    else if (logOf) void this.openLogOf(Number(logOf));
    else if (link.dataset.sheet !== undefined) this.rerun(link);
    else if (link.dataset.openLog !== undefined) void this.openLog("", link.closest("[data-part]")?.getAttribute("data-part") ?? undefined);
    else return;
    event.preventDefault();
  }

  /** @param {string} status */
  #filter(status) {
    if (this.looked.tab !== "table" && this.looked.tab !== "graph") this.show("graph");
    void this.seek().then((seek) => seek.toggleStatus(status));
  }

  /** @param {string} [hash] names lines @param {string} [part] whose log it is */
  async openLog(hash = "", part = "step") {
    const { LogDrawer } = await import("./log_drawer.js");
    this.log ??= new LogDrawer();
    await this.log.open(logPlace(part), hash);
  }

  /** Shows the run inside a step below the chart. @param {string} step @param {number} [attempt] */
  async openNested(step, attempt) {
    const place = document.getElementById("run-nested");
    if (!place) return;
    if (this.looked.tab !== "graph") this.show("graph");
    const { NestedRun } = await import("./nested.js");
    this.nested ??= new NestedRun(place, this.graph);
    await this.nested.open({ api: this.data.api, step, attempt });
  }

  /** @param {number} step */
  async openLogOf(step) {
    if (step !== this.selectedIndex) {
      this.select(step);
      await this.parts.now("step");
    }
    await this.openLog();
  }

  /** @param {string} part */
  queryOf(part) {
    const query = new URLSearchParams({ part });
    if (part === "step" && this.looked.step !== null) query.set("step", this.looked.step);
    if (part === "step" && this.looked.attempt) query.set("attempt", this.looked.attempt);
    return query;
  }

  /** A part was written anew. @param {string} part */
  fresh(part) {
    showPanels();
    this.log?.follow(logPlace(part));
    if (part === "artifacts") putCount(document.querySelector("[data-artifact-count]")?.getAttribute("data-artifact-count") ?? "0");
    if (part === "script") void this.script?.then((script) => script.fresh());
    if (part === "step") {
      // The server's panel may be older than what the socket has told since.
      const number = Number(document.querySelector(".run-step-head")?.getAttribute("data-number") ?? NaN);
      const known = this.store.view.steps[this.selectedIndex];
      if (known && number < this.store.number) this.#putStepStatus(known.status);
    }
  }

  /** @param {1 | -1} direction */
  nextFailed(direction) {
    const count = this.names.length;
    for (let away = 1; away <= count; away += 1) {
      const index = (Math.max(this.selectedIndex, direction > 0 ? -1 : 0) + direction * away + count * 2) % count;
      if (["failed", "crashed"].includes(this.store.view.steps[index]?.status)) {
        this.goTo(index);
        return;
      }
    }
  }
}

/** Where a part names its log. @param {string} part */
const logPlace = (part) => document.querySelector(`#part-${part} [data-log-url]`);

/** @param {string} count */
function putCount(count) {
  const badge = document.getElementById("run-artifact-count");
  if (!badge) return;
  badge.hidden = count === "0";
  badge.textContent = count;
}

/** @param {Event} event @returns {number | null} */
const detailOf = (event) => /** @type {CustomEvent} */ (event).detail.index;

/** @param {string} url */
async function fetchJson(url) {
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

const [data, columns, snapshot] = await Promise.all(["run-data", "run-graph-data", "run-snapshot"].map(dataOf));
const page = new RunPage(data, graphOf(columns), snapshot);
page.start();
