/**
 * `<log-view>`: a log of any length that grows. Lines are fetched where one looks, only the rows in view exist as
 * elements, and the server searches the whole.
 *
 *   view.show({url: "/api/v1/…/logs/", label: "train · attempt 2", address: "?step=train&attempt=2", lines: [4, 9]});
 *   view.refresh();   view.focusText();
 *
 * It stays at the end while one is there; scrolling up lets go, and a button counts what has come since.
 */

import { LogBar, made, press } from "./log/bar.js";
import * as places from "./log/place.js";
import { gap, rowOf } from "./log/row.js";
import { LogRows } from "./log/rows.js";
import { LogSearch } from "./log/search.js";

const ROW = 19;
const SPARE = 12;
const NEAR_END = 4;
const TAIL = 120;
const TYPES_MS = 150;

export class LogView extends HTMLElement {
  view = made("div", "log-text");
  sizer = made("div", "log-sizer");
  window = made("div", "log-window");
  more = made("button", "button button-small log-more");
  frame = made("div", "log-frame");

  constructor() {
    super();
    this.bar = new LogBar({
      step: (direction) => this.#step(direction), search: () => this.#typed(), filter: () => this.#filter(),
      goTo: (line) => this.goTo(line, line), wrap: () => this.#wrap(), follow: () => this.#toggleFollow(),
      close: () => this.dispatchEvent(new CustomEvent("log-close", { bubbles: true })),
    });
    this.url = "";
    this.address = "";
    this.log = 0;
    this.rows = new LogRows((from, count) => this.#fetchLines(from, count));
    /** @type {LogSearch | null} */
    this.search = null;
    /** @type {LogSearch | null} */
    this.filter = null;
    /** @type {[number, number] | null} the lines that the address names */
    this.linked = null;
    this.share = 1;
    this.setTop = -1;
    this.ended = this.busy = this.again = this.told = false;
    this.follows = true;
    this.unseen = 0;
    this.hit = -1;
    this.wraps = false;
    this.painting = 0;
    this.typing = 0;
    this.resizing = new ResizeObserver(() => this.#later());
    this.#buildText();
    this.#listen();
  }

  /** Another log. */
  #begin() {
    this.share = 1;
    this.setTop = -1;
    this.ended = this.busy = this.again = this.told = false;
    this.follows = true;
    this.unseen = 0;
    this.hit = -1;
  }

  connectedCallback() {
    if (!this.children.length) this.append(this.bar.element, this.frame);
    this.resizing.observe(this.view);
  }

  disconnectedCallback() {
    this.resizing.disconnect();
  }

  #buildText() {
    this.view.tabIndex = 0;
    this.view.setAttribute("role", "log");
    // A log that grows must not shout.
    this.view.setAttribute("aria-live", "off");
    this.view.setAttribute("aria-label", "Output");
    this.sizer.append(this.window);
    this.view.append(this.sizer);
    this.more.type = "button";
    this.more.hidden = true;
    this.frame.append(this.view, this.more);
  }

  #listen() {
    this.more.addEventListener("click", () => this.#toEnd());
    this.view.addEventListener("scroll", () => this.#scrolled());
    this.view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.view.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("keydown", (event) => {
      if (event.key !== "f" || !(event.ctrlKey || event.metaKey) || event.target === this.bar.find) return;
      // The browser would only find what is in view; pressed once more it is the browser's.
      event.preventDefault();
      this.bar.find.select();
      this.bar.find.focus();
    });
  }

  /** @param {{url: string, label: string, address: string, lines?: [number, number] | null}} log */
  show({ url, label, address, lines = null }) {
    this.log += 1;
    this.url = url;
    this.address = address;
    this.#begin();
    this.linked = lines;
    this.follows = !lines;
    this.search = this.filter = null;
    this.rows = new LogRows((from, count) => this.#fetchLines(from, count));
    this.bar.label.textContent = label;
    this.bar.download.href = `${url}?download=1`;
    this.#say("loading…");
    this.#tellHits();
    this.#paint();
    void this.refresh().then(() => {
      if (lines) this.goTo(lines[0], lines[1]);
      if (this.bar.level.value) this.#filter();
      else if (this.bar.find.value) this.#search(false);
    });
  }

  focusText() {
    this.view.focus({ preventScroll: true });
  }

  /** Asks what has come since. */
  async refresh() {
    if (!this.url || this.ended) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    const log = this.log;
    try {
      const told = await this.#ask(`lines/?last=${this.follows && !this.filter ? TAIL : 1}`);
      if (log === this.log) this.#take(told);
    } catch (error) {
      if (log === this.log) this.#say(`cannot be read: ${error instanceof Error ? error.message : error}`);
    }
    if (log !== this.log) return;
    this.busy = false;
    if (!this.again) return;
    this.again = false;
    void this.refresh();
  }

  /** @param {string} what */
  async #ask(what) {
    const response = await fetch(this.url + what, { headers: { Accept: "application/json" } });
    if (response.ok) return response.json();
    const problem = await response.json().catch(() => ({}));
    throw new Error(problem.problems?.[0]?.message ?? (response.status === 404 ? "there is none" : `the server answered ${response.status}`));
  }

  /** @param {number} from @param {number} count */
  async #fetchLines(from, count) {
    const levels = this.filter ? `&levels=${this.bar.level.value}` : "";
    return (await this.#ask(`lines/?from=${from}&count=${count}${levels}`)).lines;
  }

  /** @param {{lines: import("./log/rows.js").Told[], total: number, end: boolean}} told */
  #take({ lines, total, end }) {
    const before = this.#list();
    // What was there before one came is not new.
    const more = this.told ? total - this.rows.total : 0;
    this.told = true;
    this.rows.grow(total, end);
    this.rows.put(lines);
    this.ended = end;
    if (!this.filter) this.#grown(before, more);
    const words = `${total.toLocaleString("en-GB")} ${total === 1 ? "line" : "lines"}`;
    this.#say(end ? (total ? words : "ended without output") : total ? `${words}, growing` : "no output yet");
    void this.search?.goOn();
    if (this.filter !== this.search) void this.filter?.goOn();
    this.#later();
  }

  /** What one looks at stays where it is. @param {places.List} before @param {number} more */
  #grown(before, more) {
    if (this.follows) return;
    this.unseen += more;
    this.share = places.shareAfter(before, this.share, this.rows.length);
    this.#place();
  }

  /** @param {string} text */
  #say(text) {
    this.bar.state.textContent = text;
  }

  /** @returns {places.List} */
  #list() {
    return { count: this.rows.length, row: ROW, height: this.view.clientHeight };
  }

  #later() {
    this.painting ||= requestAnimationFrame(() => this.#paint());
  }

  /** Scrolls to the share that is meant. */
  #place() {
    const list = this.#list();
    this.sizer.style.height = `${places.tallness(list)}px`;
    this.view.scrollTop = places.topAt(list, this.share);
    this.setTop = this.view.scrollTop;
  }

  #paint() {
    this.painting = 0;
    if (!this.view.clientHeight) return;
    if (this.follows) this.share = 1;
    this.#place();
    const list = this.#list();
    const fits = list.count * ROW <= list.height;
    const { first, last, anchor, y } = places.windowAt(list, fits && !this.wraps ? 0 : this.share, SPARE);
    const rows = [];
    for (let row = first; row <= last; row += 1) rows.push(this.#row(row));
    this.window.replaceChildren(...rows);
    this.window.style.transform = `translateY(${this.#offset(first, last, anchor, y)}px)`;
    this.more.hidden = this.follows || this.unseen === 0;
    this.more.textContent = `↓ ${this.unseen.toLocaleString("en-GB")} new ${this.unseen === 1 ? "line" : "lines"}`;
    press(this.bar.following, this.follows);
    const asked = this.rows;
    void this.rows.want(first, last).then((came) => {
      if (came && asked === this.rows) this.#later();
    }).catch((error) => this.#say(`cannot be read: ${error.message}`));
  }

  /** Where the rows begin, so that the anchor stands at *y*. @param {number} first @param {number} last @param {number} anchor @param {number} y */
  #offset(first, last, anchor, y) {
    const top = this.view.scrollTop;
    if (!this.wraps) return Math.round(top + y - (anchor - first) * ROW);
    const all = this.window.offsetHeight;
    if (first === 0 && last === this.rows.length - 1) {
      // Everything is here, so it can be scrolled as any other text.
      this.sizer.style.height = `${all}px`;
      if (this.follows) this.view.scrollTop = this.setTop = all;
      return 0;
    }
    const at = Math.min(Math.floor(anchor), last);
    const row = /** @type {HTMLElement} */ (this.window.children[at - first]);
    return top + y - (row ? row.offsetTop - this.window.offsetTop + (anchor - at) * row.offsetHeight : 0);
  }

  /** @param {number} place */
  #row(place) {
    const line = this.rows.get(place);
    const number = this.rows.lineOf(place);
    if (!line) return gap(number);
    const isHit = this.search?.hits.has(number) ?? false;
    return rowOf(line, {
      isHit,
      isCurrent: isHit && this.search?.hits.at(this.hit) === number,
      isLinked: this.linked !== null && number >= this.linked[0] && number <= this.linked[1],
      href: this.address + places.hashOf(number, number),
      expression: this.bar.expression,
    });
  }

  #scrolled() {
    const list = this.#list();
    if (this.view.scrollTop === this.setTop) return;
    this.setTop = this.view.scrollTop;
    this.share = places.shareAt({ ...list, height: this.view.clientHeight }, this.view.scrollTop);
    this.#moved();
  }

  /** In a list that is drawn smaller than it is, the wheel moves real rows. @param {WheelEvent} event */
  #wheel(event) {
    const list = this.#list();
    if (!places.isScaled(list) || event.ctrlKey || !event.deltaY) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? ROW : event.deltaMode === 2 ? list.height : 1);
    this.share = places.movedBy(list, this.share, pixels);
    this.#place();
    this.#moved();
  }

  #moved() {
    const list = this.#list();
    const left = (1 - this.share) * Math.max(list.count * ROW - list.height, 0);
    this.follows = left < ROW * NEAR_END;
    if (this.follows) this.unseen = 0;
    this.#later();
  }

  #toEnd() {
    this.follows = true;
    this.unseen = 0;
    this.#later();
  }

  #toggleFollow() {
    if (this.follows) this.follows = false;
    else this.#toEnd();
    press(this.bar.following, this.follows);
  }

  #wrap() {
    this.wraps = !this.wraps;
    press(this.bar.wrapping, this.wraps);
    this.view.classList.toggle("log-wraps", this.wraps);
    this.#later();
  }

  /** Shows lines and marks them; they become the page's address. @param {number} first @param {number} last */
  goTo(first, last) {
    this.linked = [first, last];
    this.bar.line.value = String(first + 1);
    this.#reveal(first);
  }

  /** @param {number} line */
  #reveal(line) {
    const place = this.filter ? this.filter.hits.after(line) : Math.min(line, this.rows.length - 1);
    this.follows = false;
    this.share = places.shareOf(this.rows.length, place);
    this.#place();
    this.#later();
  }

  /** A number links to its line; with Shift, to all from the one before. @param {MouseEvent} event */
  #click(event) {
    const link = event.target instanceof Element ? event.target.closest("a.log-number") : null;
    if (!link || event.ctrlKey || event.metaKey || event.button) return;
    event.preventDefault();
    const line = Number(link.textContent) - 1;
    const from = event.shiftKey && this.linked ? this.linked[0] : line;
    this.linked = [Math.min(from, line), Math.max(from, line)];
    this.bar.line.value = String(line + 1);
    history.replaceState(history.state, "", this.address + places.hashOf(...this.linked));
    this.#later();
  }

  #typed() {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.#search(true), TYPES_MS);
  }

  /** @param {boolean} jumps whether to go to the first that is found */
  #search(jumps) {
    this.hit = -1;
    const wanted = this.bar.wanted;
    if (this.bar.level.value) wanted.set("levels", this.bar.level.value);
    this.search = wanted.has("find") ? this.#newSearch(wanted, () => {
      if (jumps && this.hit < 0 && this.search?.hits.length) this.#step(1);
    }) : null;
    this.#tellHits();
    this.#later();
    void this.search?.goOn();
  }

  #filter() {
    const levels = this.bar.level.value;
    const log = this.log;
    this.share = 1;
    this.follows = true;
    this.unseen = 0;
    this.filter = levels ? this.#newSearch(new URLSearchParams({ levels }), () => {}) : null;
    const { total } = this.rows;
    this.rows = new LogRows((from, count) => this.#fetchLines(from, count), this.filter?.hits ?? null);
    this.rows.grow(total, this.ended);
    this.#search(false);
    void this.filter?.goOn().then(() => log === this.log && this.#tellHits());
    if (!levels && this.linked) this.#reveal(this.linked[0]);
    this.#later();
  }

  /** @param {URLSearchParams} wanted @param {() => void} onHits */
  #newSearch(wanted, onHits) {
    const search = new LogSearch(wanted, (query) => this.#ask(`search/?${query}`), () => {
      if (search !== this.search && search !== this.filter) return;
      onHits();
      this.#tellHits();
      this.#later();
    });
    return search;
  }

  /** @param {1 | -1} direction */
  #step(direction) {
    const hits = this.search?.hits;
    if (!hits?.length) return;
    const start = this.hit < 0 && direction < 0 ? 0 : this.hit;
    this.hit = (start + direction + hits.length) % hits.length;
    this.#tellHits();
    this.#reveal(hits.at(this.hit));
  }

  #tellHits() {
    const { search, filter } = this;
    const all = (/** @type {LogSearch} */ one) => one.hits.length.toLocaleString("en-GB") + (one.busy ? "…" : "");
    const fault = search?.fault || filter?.fault || "";
    this.bar.count.title = fault;
    this.bar.count.classList.toggle("log-fault", fault !== "");
    if (fault) this.bar.count.textContent = fault;
    else if (search) this.bar.count.textContent = search.hits.length ? `${(Math.max(this.hit, 0) + 1).toLocaleString("en-GB")}/${all(search)}` : search.busy ? "…" : "none";
    else this.bar.count.textContent = filter ? `${all(filter)} ${filter.hits.length === 1 ? "line" : "lines"}` : "";
  }
}

customElements.define("log-view", LogView);
