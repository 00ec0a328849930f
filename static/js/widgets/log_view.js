/**
 * `<log-view>`: a log that grows. Only the rows in view exist as elements, however long it is.
 *
 *   view.show({url: "/api/v1/…/logs/", label: "train · attempt 2"});   view.refresh();   view.focusText();
 *
 * It stays at the end while one is there; scrolling up lets go, and a button counts what has come since.
 */

import { icon } from "../run/marks.js";
import { LogLines } from "./log_lines.js";

const ROW = 19;
const SPARE = 12;
const NEAR_END = 4;

export class LogView extends HTMLElement {
  label = made("span", "log-label cut");
  state = made("span", "log-state small muted");
  find = made("input", "log-find");
  count = made("span", "log-count small muted");
  wrapping = button("Wrap long lines", "wrap", () => this.#wrap());
  download = made("a", "button button-quiet button-icon button-small");
  bar = made("div", "log-bar");
  view = made("div", "log-text");
  sizer = made("div", "log-sizer");
  window = made("div", "log-window");
  ruler = made("span", "log-ruler");
  more = made("button", "button button-small log-more");
  frame = made("div", "log-frame");

  constructor() {
    super();
    this.lines = new LogLines();
    this.url = "";
    this.at = 0;
    this.ended = false;
    this.busy = false;
    this.again = false;
    this.asked = 0;
    this.follows = true;
    this.unseen = 0;
    this.wraps = false;
    this.painting = 0;
    /** @type {number[]} */
    this.hits = [];
    this.hit = -1;
    this.resizing = new ResizeObserver(() => this.#measure());
    this.#buildBar();
    this.#buildText();
    this.#listen();
  }

  connectedCallback() {
    if (!this.children.length) this.append(this.bar, this.frame);
    this.resizing.observe(this.view);
  }

  disconnectedCallback() {
    this.resizing.disconnect();
  }

  #buildBar() {
    Object.assign(this.find, { type: "search", placeholder: "Find", autocomplete: "off" });
    this.find.setAttribute("aria-label", "Find in the log");
    this.count.setAttribute("aria-live", "polite");
    this.wrapping.setAttribute("aria-pressed", "false");
    this.download.title = "Download";
    this.download.setAttribute("aria-label", "Download the log");
    this.download.append(icon("download"));
    const title = made("strong", "");
    title.textContent = "Log";
    const close = () => this.dispatchEvent(new CustomEvent("log-close", { bubbles: true }));
    this.bar.append(
      title, this.label, this.state, made("span", "log-space"), this.find, this.count,
      button("Previous match", "chevron-up", () => this.#step(-1)),
      button("Next match", "chevron-down", () => this.#step(1)),
      this.wrapping, this.download, button("Close the log", "close", close),
    );
  }

  #buildText() {
    this.view.tabIndex = 0;
    this.view.setAttribute("role", "log");
    // A log that grows must not shout.
    this.view.setAttribute("aria-live", "off");
    this.view.setAttribute("aria-label", "Output");
    this.sizer.append(this.window);
    this.ruler.textContent = "0".repeat(100);
    this.ruler.setAttribute("aria-hidden", "true");
    this.view.append(this.sizer, this.ruler);
    this.more.type = "button";
    this.more.hidden = true;
    this.frame.append(this.view, this.more);
  }

  #listen() {
    this.more.addEventListener("click", () => this.#toEnd());
    this.view.addEventListener("scroll", () => this.#scrolled());
    this.find.addEventListener("input", () => this.#search());
    this.find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#step(event.shiftKey ? -1 : 1);
      if (event.key !== "Escape" || !this.find.value) return;
      event.stopPropagation();
      this.find.value = "";
      this.#search();
    });
  }

  /** @param {{url: string, label: string}} log */
  show({ url, label }) {
    this.asked += 1;
    this.url = url;
    this.lines = new LogLines();
    this.at = 0;
    this.ended = this.busy = this.again = false;
    this.follows = true;
    this.unseen = 0;
    this.hits = [];
    this.hit = -1;
    this.label.textContent = label;
    this.download.href = `${url}?download=1`;
    this.#say("loading…");
    this.#measure();
    this.#paint();
    void this.refresh();
  }

  focusText() {
    this.view.focus({ preventScroll: true });
  }

  /** Fetches what has come since. */
  async refresh() {
    if (!this.url || this.ended) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    const asked = this.asked;
    try {
      await this.#fetchAll(asked);
    } catch (error) {
      if (asked === this.asked) this.#say(`cannot be read: ${error instanceof Error ? error.message : error}`);
    }
    if (asked !== this.asked) return;
    this.busy = false;
    if (this.again) {
      this.again = false;
      void this.refresh();
    }
  }

  /** @param {number} asked */
  async #fetchAll(asked) {
    for (;;) {
      const response = await fetch(`${this.url}?from=${this.at}`, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(response.status === 404 ? "there is none" : `the server answered ${response.status}`);
      const log = await response.json();
      // Another log was chosen meanwhile.
      if (asked !== this.asked) return;
      this.#take(log);
      if (log.end || !log.pieces.length) return;
    }
  }

  /** @param {{pieces: import("./log_lines.js").Piece[], to: number, end: boolean}} log */
  #take(log) {
    const before = this.lines.length;
    for (const piece of log.pieces) this.lines.add(piece);
    this.at = log.to;
    this.ended = log.end;
    if (!this.follows) this.unseen += this.lines.length - before;
    const count = this.lines.length;
    const words = `${count.toLocaleString("en-GB")} ${count === 1 ? "line" : "lines"}`;
    this.#say(this.ended ? (count ? words : "ended without output") : count ? `${words}, growing` : "no output yet");
    if (this.find.value) this.#search(false);
    this.#later();
  }

  /** @param {string} text */
  #say(text) {
    this.state.textContent = text;
  }

  #later() {
    this.painting ||= requestAnimationFrame(() => this.#paint());
  }

  #measure() {
    const width = this.view.clientWidth;
    if (!width) return;
    const character = this.ruler.getBoundingClientRect().width / 100 || 7.8;
    this.lines.wrapAt(this.wraps ? Math.max(20, Math.floor((width - 90) / character)) : 0);
    this.#later();
  }

  #paint() {
    this.painting = 0;
    const { lines, view } = this;
    this.sizer.style.height = `${lines.rows * ROW}px`;
    if (this.follows) view.scrollTop = view.scrollHeight;
    const firstRow = Math.max(0, Math.floor(view.scrollTop / ROW) - SPARE);
    const lastRow = Math.ceil((view.scrollTop + view.clientHeight) / ROW) + SPARE;
    const first = lines.lineAt(firstRow);
    const last = Math.min(lines.length - 1, lines.lineAt(lastRow));
    const rows = [];
    for (let line = first; line <= last; line += 1) rows.push(this.#row(line));
    this.window.style.transform = `translateY(${(lines.rowStarts[first] ?? 0) * ROW}px)`;
    this.window.replaceChildren(...rows);
    this.more.hidden = this.follows || this.unseen === 0;
    this.more.textContent = `↓ ${this.unseen.toLocaleString("en-GB")} new ${this.unseen === 1 ? "line" : "lines"}`;
  }

  /** @param {number} line */
  #row(line) {
    const row = made("div", "log-row");
    row.dataset.stream = this.lines.streams[line];
    if (line === this.hits[this.hit]) row.dataset.hit = "";
    const number = made("span", "log-number");
    number.textContent = String(line + 1);
    const text = made("span", "log-line");
    const height = this.lines.rowStarts[line + 1] - this.lines.rowStarts[line];
    row.style.height = `${height * ROW}px`;
    this.#write(text, this.lines.texts[line]);
    row.append(number, text);
    return row;
  }

  /** With what is looked for marked. @param {HTMLElement} place @param {string} text */
  #write(place, text) {
    const wanted = this.find.value.toLowerCase();
    if (!wanted) {
      place.textContent = text;
      return;
    }
    const lower = text.toLowerCase();
    let from = 0;
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
      const mark = made("mark", "");
      mark.textContent = text.slice(at, at + wanted.length);
      place.append(text.slice(from, at), mark);
      from = at + wanted.length;
    }
    place.append(text.slice(from));
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.view;
    const atEnd = scrollHeight - scrollTop - clientHeight < ROW * NEAR_END;
    if (atEnd) this.unseen = 0;
    this.follows = atEnd && this.hit < 0;
    this.#later();
  }

  #toEnd() {
    this.hit = -1;
    this.follows = true;
    this.unseen = 0;
    this.#later();
  }

  #wrap() {
    this.wraps = !this.wraps;
    this.wrapping.setAttribute("aria-pressed", String(this.wraps));
    this.view.classList.toggle("log-wraps", this.wraps);
    this.#measure();
  }

  #search(jump = true) {
    const before = this.hits[this.hit];
    this.hits = this.lines.find(this.find.value);
    this.hit = jump ? -1 : this.hits.indexOf(before);
    this.#tellHits();
    if (jump && this.hits.length) this.#step(1);
    else this.#later();
  }

  /** @param {1 | -1} direction */
  #step(direction) {
    if (!this.hits.length) return;
    const start = this.hit < 0 && direction < 0 ? 0 : this.hit;
    this.hit = (start + direction + this.hits.length) % this.hits.length;
    this.follows = false;
    this.view.scrollTop = this.lines.rowStarts[this.hits[this.hit]] * ROW - this.view.clientHeight / 2;
    this.#tellHits();
    this.#later();
  }

  #tellHits() {
    if (!this.find.value) this.count.textContent = "";
    else this.count.textContent = this.hits.length ? `${Math.max(this.hit, 0) + 1}/${this.hits.length}` : "none";
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {string} className @returns {HTMLElementTagNameMap[Tag]}
 */
function made(tag, className) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  return element;
}

/** @param {string} label @param {string} picture @param {() => void} act */
function button(label, picture, act) {
  const element = made("button", "button button-quiet button-icon button-small");
  element.type = "button";
  element.title = label;
  element.setAttribute("aria-label", label);
  element.append(icon(picture));
  element.addEventListener("click", act);
  return element;
}

customElements.define("log-view", LogView);
