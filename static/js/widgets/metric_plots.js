/**
 * Plots of what a step reports, one a title, in a place that the server wrote:
 *
 *   <div data-plots="/api/v1/…/samples/" data-only="" data-except=":resources" data-earlier="/api/v1/…/1/ …"></div>
 *
 * `refreshPlots()` fetches what has come since. The numbers stand in a table beside them.
 */

import uPlot from "../../vendor/uplot/uplot.js";
import { Reported, aligned, short } from "./plots/series.js";

// Its types cannot be read from what was published.
const Chart = /** @type {any} */ (uPlot);
const HEIGHT = 150;
const COLOURS = 6;
const DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3]];
/** @type {Record<string, string>} */
const UNITS = { cpu: "CPU, % of one core", memory: "Memory, MiB" };

/** @type {WeakMap<Element, Plots>} */
const plotsOf = new WeakMap();

/** Makes the plots of every place that has none yet, and brings all up to date. */
export function refreshPlots() {
  for (const place of document.querySelectorAll("[data-plots]")) {
    if (!(place instanceof HTMLElement)) continue;
    const plots = plotsOf.get(place) ?? new Plots(place);
    plotsOf.set(place, plots);
    void plots.refresh();
  }
}

/** Another theme: canvases do not hear of it by themselves. */
function recolour() {
  for (const place of document.querySelectorAll("[data-plots]")) plotsOf.get(place)?.recolour();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
new MutationObserver(recolour).observe(document.documentElement, { attributes: true });

class Plots {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.url = place.dataset.plots ?? "";
    this.reported = new Reported();
    /** @type {{number: number, reported: Reported}[]} */
    this.earlier = [];
    this.logarithmic = false;
    this.compares = false;
    this.busy = false;
    this.again = false;
    /** @type {Map<string, Plot>} */
    this.plots = new Map();
    this.#buildTools();
    new ResizeObserver(() => this.plots.forEach((plot) => plot.fit())).observe(place);
  }

  #buildTools() {
    const tools = Object.assign(document.createElement("div"), { className: "plot-tools" });
    if (!this.place.dataset.only) {
      tools.append(toggle("Log scale", (now) => {
        this.logarithmic = now;
        this.#rebuild();
      }));
    }
    if (this.place.dataset.earlier) {
      tools.append(toggle("Earlier attempts", (now) => {
        this.compares = now;
        void this.#fetchEarlier().then(() => this.#rebuild());
      }));
    }
    this.place.append(tools);
  }

  async refresh() {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    try {
      if (!this.reported.take(await fetchSamples(this.url, this.reported.cursor))) await this.#anew();
      this.#draw();
    } catch {
      // Asked again with the next news; the numbers beside it are there meanwhile.
    }
    this.busy = false;
    if (!this.again) return;
    this.again = false;
    void this.refresh();
  }

  async #anew() {
    const answer = await fetchSamples(this.url, 0);
    this.reported.clear();
    this.reported.take(answer);
  }

  async #fetchEarlier() {
    if (this.earlier.length) return;
    const urls = (this.place.dataset.earlier ?? "").split(" ").filter(Boolean);
    this.earlier = await Promise.all(urls.map(async (url) => {
      const reported = new Reported();
      reported.take(await fetchSamples(`${url}samples/`, 0));
      return { number: Number(/attempts\/(\d+)\/$/.exec(url)?.[1] ?? 0), reported };
    }));
  }

  #rebuild() {
    for (const plot of this.plots.values()) plot.remove();
    this.plots.clear();
    this.#draw();
  }

  #draw() {
    for (const [title, lines] of this.#groups()) {
      const known = this.plots.get(title);
      if (known && known.names === namesOf(lines)) known.put(lines);
      else {
        known?.remove();
        this.plots.set(title, new Plot(this.place, title, lines, this.logarithmic));
      }
    }
  }

  /** The plots that are to be, and their lines. @returns {[string, Line[]][]} */
  #groups() {
    const { only, except } = this.place.dataset;
    /** @type {[string, Line[]][]} */
    const groups = [];
    for (const [title, series] of this.reported.titles) {
      if (title === except || (only && title !== only)) continue;
      const drawn = [...series].filter(([, { count }]) => count > 1);
      const lines = drawn.map(([name, { points }], place) => ({ name, points, place, old: false }));
      // CPU and memory have units of their own, so each gets a plot.
      if (only) for (const line of lines) groups.push([UNITS[line.name] ?? line.name, [{ ...line, place: 0 }]]);
      else if (lines.length) groups.push([title, [...this.#before(title), ...lines]]);
    }
    return groups;
  }

  /** @param {string} title @returns {Line[]} */
  #before(title) {
    if (!this.compares) return [];
    return this.earlier.flatMap(({ number, reported }) => [...(reported.titles.get(title) ?? [])].map(
      ([name, { points }], place) => ({ name: `${name}, attempt ${number}`, points, place, old: true }),
    ));
  }

  recolour() {
    this.#rebuild();
  }
}

/** @typedef {{name: string, points: import("./plots/series.js").Point[], place: number, old: boolean}} Line */

class Plot {
  /** @param {HTMLElement} place @param {string} title @param {Line[]} lines @param {boolean} logarithmic */
  constructor(place, title, lines, logarithmic) {
    this.logarithmic = logarithmic;
    this.names = namesOf(lines);
    this.figure = Object.assign(document.createElement("figure"), { className: "plot" });
    const caption = document.createElement("figcaption");
    caption.append(Object.assign(document.createElement("strong"), { textContent: title }));
    this.figure.append(caption);
    place.append(this.figure);
    this.plot = new Chart(this.#options(lines), this.#data(lines), this.figure);
    // The table says it in numbers; a picture of lines says nothing to a screen reader.
    this.figure.querySelector(".u-wrap")?.setAttribute("aria-hidden", "true");
  }

  /** @param {Line[]} lines */
  #data(lines) {
    return aligned(lines.map(({ points }) => points), this.logarithmic);
  }

  /** @param {Line[]} lines */
  #options(lines) {
    const axis = { stroke: () => colour("--text-muted"), grid: { stroke: () => colour("--border"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    return {
      width: this.figure.clientWidth || 320,
      height: HEIGHT,
      scales: { x: { time: false }, y: this.logarithmic ? { distr: 3 } : {} },
      cursor: { sync: { key: "metrics" }, points: { size: 6 } },
      legend: { isolate: true },
      axes: [{ ...axis, size: 26 }, { ...axis, size: 52, values: (/** @type {any} */ _, /** @type {(number | null)[]} */ marks) => marks.map((mark) => (mark === null ? "" : short(mark))) }],
      series: [{ label: "step", value: (/** @type {any} */ _, /** @type {number | null} */ step) => (step === null ? "–" : String(step)) }, ...lines.map(lineOptions)],
    };
  }

  /** @param {Line[]} lines */
  put(lines) {
    this.plot.setData(this.#data(lines));
  }

  fit() {
    const width = this.figure.clientWidth;
    if (width && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT });
  }

  remove() {
    this.plot.destroy();
    this.figure.remove();
  }
}

/** @param {Line} line */
function lineOptions({ name, place, old }) {
  return {
    label: name,
    stroke: () => (old ? colour("--border-strong") : colour(`--line-${place % COLOURS}`)),
    width: old ? 1 : 1.75,
    dash: DASHES[Math.floor(place / COLOURS) % DASHES.length],
    spanGaps: true,
    points: { show: false },
    value: (/** @type {any} */ _, /** @type {number | null} */ value) => short(value),
  };
}

/** @param {Line[]} lines */
const namesOf = (lines) => JSON.stringify(lines.map(({ name }) => name));

/** A colour of the theme as a canvas takes it: tokens hold one for light and one for dark. @param {string} token */
function colour(token) {
  probe.style.color = `var(${token})`;
  return getComputedStyle(probe).color;
}

const probe = Object.assign(document.createElement("span"), { className: "plot-probe", hidden: true });
document.body.append(probe);

const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("../../vendor/uplot/uplot.css", import.meta.url).href });
document.head.prepend(sheet);

/** @param {string} words @param {(now: boolean) => void} act */
function toggle(words, act) {
  const box = Object.assign(document.createElement("input"), { type: "checkbox" });
  box.addEventListener("change", () => act(box.checked));
  const label = Object.assign(document.createElement("label"), { className: "small" });
  label.append(box, ` ${words}`);
  return label;
}

/** @param {string} url @param {number} since @returns {Promise<import("./plots/series.js").Told[]>} */
async function fetchSamples(url, since) {
  const response = await fetch(since ? `${url}?since=${since}` : url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.json();
}
