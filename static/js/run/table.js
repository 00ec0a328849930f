/**
 * The table of the steps: everything that the chart shows and does, as rows. Only the rows in view exist, so that ten
 * thousand steps cost what one sees; a short table has all of its rows, and they may be of any height.
 */

import { Fans } from "./fan_rows.js";
import { COLUMNS, fillRow, makeRow } from "./rows.js";
import { nextOrder, sorted } from "./sorting.js";
import { isTyping } from "./typing.js";

/** @typedef {import("./main.js").RunPage} RunPage */

const ALL_ROWS = 100;
const ROW_PIXELS = 44;
const SPARE_ROWS = 12;
/** So often the server is asked why steps wait, and only while the run is small enough for it to tell quickly. */
const ASKS_EVERY_MS = 1500;
const MOST_ASKED = 500;

export class StepTable {
  /** @param {RunPage} page */
  constructor(page) {
    this.page = page;
    this.nodes = page.graphData.nodes;
    this.fans = new Fans(this.nodes);
    /** @type {import("./sorting.js").Order | null} */
    this.order = null;
    /** @type {number[] | null} the steps that are looked for */
    this.found = null;
    /** @type {number[]} what is listed, in order */
    this.listed = [];
    /** @type {Map<number, HTMLTableRowElement>} rows that exist, by step */
    this.rows = new Map();
    /** @type {Record<string, string>} what the server says of waiting steps */
    this.whys = {};
    this.askTimer = 0;
    this.focused = 0;
    this.frame = 0;
    /** @type {import("./rows.js").Source} */
    this.source = {
      nodes: this.nodes, statusOf: (step) => page.store.view.steps[step] ?? { status: "pending" },
      effectOf: (step) => page.effects?.get(step) ?? "", isChosen: (step) => page.chosen.has(step),
      mayOperate: page.data.may_operate, runStatus: () => page.store.view.run.status, why: (step) => this.#why(step),
    };
    this.panel = /** @type {HTMLElement} */ (document.getElementById("tab-table"));
    this.#build();
    document.addEventListener("scroll", () => this.#soon(), { capture: true, passive: true });
    this.panel.addEventListener("keydown", (event) => this.#key(event));
    this.panel.addEventListener("click", (event) => this.#pick(event), { capture: true });
    this.panel.addEventListener("click", ({ target }) => {
      const button = target instanceof Element ? target.closest(".run-fan-toggle") : null;
      if (button) this.toggleFan(Number(button.getAttribute("data-fan")));
    });
    /** @type {number | null} the step that was picked last: with Shift all between it and another are */
    this.picked = null;
    new ResizeObserver(() => this.#soon()).observe(this.panel);
    this.list(page.found);
    this.#ask();
  }

  #build() {
    this.table = document.createElement("table");
    this.table.className = "table run-table";
    this.table.id = "run-table";
    this.table.setAttribute("aria-label", "Steps");
    this.table.toggleAttribute("data-picks", this.page.data.may_operate);
    const heads = this.table.createTHead().insertRow();
    heads.setAttribute("aria-rowindex", "1");
    for (const { head, sort, cell } of COLUMNS) {
      const th = Object.assign(document.createElement("th"), { scope: "col" });
      th.dataset.cell = cell;
      if (cell === "attempt" || cell === "took") th.className = "number";
      if (cell === "pick") th.append(Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: head }));
      else if (sort) th.append(this.#sortButton(head, sort));
      else th.textContent = head;
      if (sort) th.dataset.sort = sort;
      heads.append(th);
    }
    this.body = this.table.createTBody();
    this.above = spacer();
    this.below = spacer();
    this.nothing = Object.assign(document.createElement("p"), { className: "run-nothing muted", textContent: "No step is like this." });
    const place = document.getElementById("part-table");
    place?.replaceChildren(this.table, this.nothing);
  }

  /** @param {string} text @param {string} by */
  #sortButton(text, by) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "run-sort", textContent: text });
    button.addEventListener("click", () => {
      this.order = nextOrder(this.order, by);
      for (const th of this.table?.querySelectorAll("th[data-sort]") ?? []) {
        th.removeAttribute("aria-sort");
        if (this.order && th.getAttribute("data-sort") === this.order.by) th.setAttribute("aria-sort", this.order.down ? "descending" : "ascending");
      }
      this.list(this.found);
    });
    return button;
  }

  /** There are more steps. @param {import("../graph/model.js").GraphNode[]} nodes */
  grow(nodes) {
    const { open } = this.fans;
    this.nodes = nodes;
    this.source.nodes = nodes;
    this.fans = new Fans(nodes);
    this.fans.open = open;
    this.body?.querySelectorAll("tr[data-step]").forEach((row) => row.remove());
    this.rows.clear();
    this.list(this.found);
  }

  /** Opens or closes a fan-out. @param {number} step */
  toggleFan(step) {
    if (!this.fans.open.delete(step)) this.fans.open.add(step);
    this.rows.get(step)?.querySelector(".run-fan-toggle")?.setAttribute("aria-expanded", String(this.fans.open.has(step)));
    this.list(this.found);
  }

  #refan() {
    for (const button of this.body?.querySelectorAll(".run-fan-toggle") ?? []) {
      const step = Number(button.getAttribute("data-fan"));
      button.setAttribute("aria-expanded", String(this.fans.open.has(step)));
    }
    this.list(this.found);
  }

  /** @param {number[] | null} found */
  list(found) {
    this.found = found;
    const order = sorted(this.page.store.view.steps, this.page.names, this.order);
    const wanted = found && new Set(found);
    if (wanted) this.listed = order.filter((step) => wanted.has(step));
    else this.listed = this.order ? order : this.fans.listed(order);
    this.table?.setAttribute("aria-rowcount", String(this.listed.length + 1));
    if (this.nothing) this.nothing.hidden = this.listed.length > 0;
    this.#show();
  }

  get isShort() {
    return this.listed.length <= ALL_ROWS;
  }

  #soon() {
    if (!this.isShort) this.frame ||= requestAnimationFrame(() => this.#show());
  }

  /** What of the table can be seen, measured from its first row: the panel scrolls, in a narrow window the page. */
  #seen() {
    const { top, bottom } = this.panel.getBoundingClientRect();
    const first = (this.table?.getBoundingClientRect().top ?? 0) + (this.table?.tHead?.offsetHeight ?? 0);
    const [high, low] = [Math.max(top, 0), Math.min(bottom, window.innerHeight)];
    return { from: high - first, height: Math.max(low - high, ROW_PIXELS) };
  }

  /** Which places of the list are in view. @returns {[number, number]} */
  #range() {
    if (this.isShort) return [0, this.listed.length];
    const { from, height } = this.#seen();
    const count = Math.ceil(height / ROW_PIXELS) + 2 * SPARE_ROWS;
    const first = Math.max(Math.min(Math.floor(from / ROW_PIXELS) - SPARE_ROWS, this.listed.length - count), 0);
    return [first, Math.min(first + count, this.listed.length)];
  }

  #show() {
    this.frame = 0;
    const { body, above, below, table } = this;
    if (!body || !above || !below || !table) return;
    const [first, end] = this.#range();
    table.classList.toggle("table-folds", this.isShort);
    table.classList.toggle("run-table-virtual", !this.isShort);
    const shown = this.listed.slice(first, end);
    const wanted = new Set(shown);
    for (const [step, row] of this.rows) if (!wanted.has(step)) this.#drop(step, row);
    above.row.hidden = first === 0;
    above.cell.style.height = `${first * ROW_PIXELS}px`;
    below.row.hidden = end === this.listed.length;
    below.cell.style.height = `${(this.listed.length - end) * ROW_PIXELS}px`;
    body.prepend(above.row);
    /** @type {Element} */
    let last = above.row;
    shown.forEach((step, i) => {
      const row = this.rows.get(step) ?? this.#made(step);
      row.setAttribute("aria-rowindex", String(first + i + 2));
      if (last.nextElementSibling !== row) last.after(row);
      last = row;
    });
    last.after(below.row);
  }

  /** The focus is not lost with a row that is scrolled away. @param {number} step @param {HTMLElement} row */
  #drop(step, row) {
    if (row.contains(document.activeElement)) this.panel.focus({ preventScroll: true });
    row.remove();
    this.rows.delete(step);
  }

  /** @param {number} step */
  #made(step) {
    const row = makeRow(this.nodes[step], step);
    this.fans.mark(row, step);
    fillRow(row, step, this.source);
    this.rows.set(step, row);
    this.#mark(row);
    return row;
  }

  /** @param {Iterable<number> | null} steps all of them when null */
  paint(steps) {
    // What a fan-out says of its items changes with them.
    for (const step of steps ? new Set([...steps, ...this.fans.above(steps)]) : this.rows.keys()) {
      const row = this.rows.get(step);
      if (row) fillRow(row, step, this.source);
    }
    if (this.order && this.order.by !== "name") this.list(this.found);
    this.#ask();
  }

  /** The selected step has changed. */
  mark() {
    for (const row of this.rows.values()) this.#mark(row);
  }

  /** @param {HTMLElement} row */
  #mark(row) {
    const here = row.dataset.name === this.page.looked.step;
    row.toggleAttribute("data-selected", here);
    const link = row.querySelector(".row-title");
    if (here) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  }

  /** Scrolls to a step, and puts the focus there if asked. @param {number} step @param {{focus?: boolean}} [options] */
  reveal(step, { focus = false } = {}) {
    if (this.fans.reveal(step)) this.#refan();
    const place = this.listed.indexOf(step);
    if (place < 0) return;
    this.focused = place;
    if (!this.isShort) {
      const { from, height } = this.#seen();
      const away = place * ROW_PIXELS - from;
      // Into the middle: near an edge the head of the table would cover it.
      if (away < ROW_PIXELS || away > height - 2 * ROW_PIXELS) this.#scrollBy(away - height / 2);
      this.#show();
    }
    const row = this.rows.get(step);
    row?.scrollIntoView({ block: "nearest" });
    if (focus) row?.querySelector("a")?.focus({ preventScroll: true });
  }

  /** @param {number} pixels */
  #scrollBy(pixels) {
    const scrolls = this.panel.scrollHeight > this.panel.clientHeight + 1;
    (scrolls ? this.panel : window).scrollBy({ top: pixels, behavior: "instant" });
  }

  /** Its box, or its row with Shift: into what is selected together, or out of it. @param {MouseEvent} event */
  #pick(event) {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest("tr[data-step]");
    const isBox = target instanceof HTMLInputElement && target.type === "checkbox";
    if (!(row instanceof HTMLElement) || !(isBox || event.shiftKey) || !this.page.data.may_operate) return;
    event.stopPropagation();
    if (!isBox) event.preventDefault();
    const step = Number(row.dataset.step);
    const from = event.shiftKey && this.picked !== null ? this.listed.indexOf(this.picked) : -1;
    const to = this.listed.indexOf(step);
    const steps = from < 0 ? [step] : this.listed.slice(Math.min(from, to), Math.max(from, to) + 1);
    this.picked = step;
    void this.page.choice().then((choice) => (from < 0 ? choice.toggle(steps) : choice.add(steps)));
  }

  /** Arrows go from row to row, also to those that do not exist yet. @param {KeyboardEvent} event */
  #key(event) {
    const page = Math.max(Math.floor(this.#seen().height / ROW_PIXELS) - 2, 1);
    /** @type {Record<string, number>} */
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const move = moves[event.key];
    if (move === undefined || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    const row = event.target instanceof Element ? event.target.closest("tr[data-step]") : null;
    const from = row instanceof HTMLElement ? this.listed.indexOf(Number(row.dataset.step)) : this.focused - Math.sign(move);
    const to = Math.min(Math.max(from + move, 0), this.listed.length - 1);
    if (to < 0 || this.page.looked.tab !== "table") return;
    event.preventDefault();
    this.reveal(this.listed[to], { focus: true });
  }

  /** Why a step is where it is: in the server's words, else from the graph. @param {number} step */
  #why(step) {
    const { status, reason } = this.source.statusOf(step);
    const items = this.fans.line(step, (item) => this.source.statusOf(item).status);
    if (items) return reason ? `${items}; ${reason}` : items;
    if (reason) return reason;
    const waits = ["pending", "queued", "awaiting", "aborting"].includes(status);
    if (!waits) return this.whys[step]?.startsWith("reused") ? this.whys[step] : "";
    if (this.whys[step]) return this.whys[step];
    if (status !== "pending") return "";
    /** @type {number[]} */
    const parents = this.nodes[step].parents;
    const open = parents.filter((parent) => !["completed", "cached", "skipped"].includes(this.source.statusOf(parent).status));
    const names = open.slice(0, 2).map((parent) => this.nodes[parent].name).join(", ");
    return open.length ? `waits for ${names}${open.length > 2 ? ` and ${open.length - 2} more` : ""}` : "";
  }

  #ask() {
    if (this.askTimer || this.nodes.length > MOST_ASKED || this.page.looked.tab !== "table" || document.hidden) return;
    this.askTimer = setTimeout(() => void this.#asked(), ASKS_EVERY_MS);
  }

  async #asked() {
    try {
      const response = await fetch(`${location.pathname}?part=why`, { headers: { "X-Fragment": "yes" } });
      if (response.ok) this.whys = await response.json();
      for (const [step, row] of this.rows) fillRow(row, step, this.source);
    } catch {
      // Asked again with the next news.
    } finally {
      this.askTimer = 0;
    }
  }
}

/** What stands for the rows that do not exist. */
function spacer() {
  const row = document.createElement("tr");
  row.setAttribute("aria-hidden", "true");
  row.className = "run-spacer";
  const cell = row.insertCell();
  cell.colSpan = COLUMNS.length;
  return { row, cell };
}
