/** The panel of versions: look at one, compare it with the draft on the canvas and as text, restore it, run it. */

import { toast } from "../../pages/toasts.js";
import { h, icon } from "../elements.js";
import { linesOf } from "../files/yaml.js";
import { setStepField } from "../model/commands.js";
import { Panel } from "./panel.js";
import { section } from "./step/one.js";
import { stepButton } from "./step/order.js";
import { newerThan } from "./templates.js";
import { tidied } from "./tidied.js";
import { isSame, summaryOf, textDifference } from "./versions_difference.js";

/**
 * @typedef {import("./panel.js").Session} Session
 * @typedef {import("./panel.js").Place} Place
 * @typedef {{number: number, label: string, note: string, author: string, created_at: string}} Version
 * @typedef {Version & {document: any, pins: Record<string, {version: number, current: number}>}} Whole
 * @typedef {import("./versions_difference.js").Summary} Summary
 */

export class VersionsPanel extends Panel {
  /** @param {Session} session @param {Place} place */
  constructor(session, place) {
    super(session, place);
    /** @type {Version[] | null} */
    this.versions = null;
    /** @type {string | null} */
    this.next = null;
    this.error = "";
    /** @type {Map<number, Whole>} */
    this.whole = new Map();
    /** What is looked at, and beside which other version than the draft. @type {{number: number, how: "look" | "compare", other: number | null} | null} */
    this.looked = null;
  }

  /** @override */
  show() {
    super.show();
    void this.load();
  }

  /** @override */
  hide() {
    this.back();
    super.hide();
  }

  /** Asks for the list; also after something was published. */
  async load() {
    await this.#fetch("versions/", []);
    const newest = this.versions?.[0];
    if (newest && (await this.#fetched(newest.number))) this.redraw();
  }

  /** @param {string} path @param {Version[]} before */
  async #fetch(path, before) {
    try {
      const { results, next } = await this.place.api.get(path);
      this.versions = [...before, ...results];
      this.next = next ? `versions/${next.slice(next.indexOf("?"))}` : null;
      this.error = "";
    } catch (error) {
      this.error = `The versions could not be fetched: ${error instanceof Error ? error.message : error}`;
    }
    this.drawNow();
  }

  /** @override */
  draw() {
    return [h("h2", { key: "title", class: "visually-hidden" }, "Versions of this pipeline"), this.#drawNewer(), this.#drawOutdated(), this.#drawLooked(), this.#drawList()];
  }

  /** Steps that hold an older version of their template, all taken up with one press. */
  #drawNewer() {
    const steps = this.session.document.steps.flatMap((step) => {
      const newer = newerThan(this.templates.ofStep(step), step.version);
      return newer === null ? [] : [{ name: step.name, from: step.version, to: newer }];
    });
    if (!steps.length) return null;
    const take = () => this.perform("Take the newer template versions", (document) =>
      steps.reduce((result, { name, to }) => setStepField(result, name, ["version"], to), document));
    const items = steps.map(({ name, from, to }) => h("li", { key: name }, stepButton(this, name), h("span", { class: "muted small" }, `${from} → ${to}`)));
    const label = steps.length === 1 ? "Take it" : `Take all ${steps.length}`;
    return section("newer", "Newer template versions", [h("ul", { class: "panel-list" }, items), h("button", { type: "button", class: "button button-small", onClick: take }, icon("version"), label)]);
  }

  /** What the newest version was pinned to and has a newer version by now: publishing takes it. */
  #drawOutdated() {
    const newest = this.versions?.[0];
    const pins = Object.entries((newest && this.whole.get(newest.number)?.pins) ?? {}).filter(([, pin]) => pin?.version < pin?.current);
    if (!newest || !pins.length) return null;
    const items = pins.map(([name, { version, current }]) => h("li", { key: name }, h("b", null, name), h("span", { class: "muted small" }, `${version} → ${current}`)));
    const words = h("p", { class: "muted" }, `Version ${newest.number} runs older versions of these templates. Publish to take the newer ones.`);
    return section("outdated", "Newer templates since then", [words, h("ul", { class: "panel-list" }, items)]);
  }

  #drawList() {
    if (this.error) return h("p", { key: "error", class: "notice notice-error", role: "alert" }, this.error);
    if (!this.versions) return h("p", { key: "loading", class: "empty" }, "Fetching the versions…");
    if (!this.versions.length) return h("p", { key: "none", class: "empty" }, "Nothing was published yet. Publish makes version 1.");
    const more = this.next === null ? null : h("button", { key: "more", type: "button", class: "button button-small", onClick: () => void this.#fetch(this.next ?? "", this.versions ?? []) }, "Older ones");
    return section("list", "Versions", [h("ol", { class: "panel-versions", reversed: true }, this.versions.map((one) => this.#drawVersion(one))), more]);
  }

  /** @param {Version} version */
  #drawVersion({ number, label, note, author, created_at: at }) {
    const current = this.looked?.number === number;
    const tool = (/** @type {string} */ word, /** @type {string} */ sign, /** @type {() => void} */ onClick) =>
      h("button", { key: word, type: "button", class: "button button-small", "aria-label": `${word} version ${number}`, onClick }, icon(sign), word);
    return h(
      "li", { key: number, class: "panel-version-row", "aria-current": current ? "true" : null },
      h("div", { class: "panel-version-head" }, h("b", null, `Version ${number}`), label ? h("span", { class: "badge" }, label) : null,
        h("span", { class: "muted small" }, `${author}, `, h("time", { datetime: at, title: at }, dateOf(at)))),
      note ? h("p", { class: "panel-version-note" }, note) : null,
      h("div", { class: "panel-buttons" },
        tool("Look at", "eye", () => void this.#look(number, "look")), tool("Compare", "branch", () => void this.#look(number, "compare")),
        tool("Restore", "rerun", () => void this.#restore(number)), this.#runLink(number)),
    );
  }

  /** @param {number} number */
  #runLink(number) {
    const href = this.place.runUrl?.(number);
    return href ? h("a", { key: "run", class: "button button-small", href, "data-dialog": true, "aria-label": `Run version ${number}` }, icon("play"), "Run") : null;
  }

  /** @param {number} number @returns {Promise<Whole | null>} */
  async #fetched(number) {
    const known = this.whole.get(number);
    if (known) return known;
    try {
      const whole = await this.place.api.get(`versions/${number}/`);
      this.whole.set(number, whole);
      return whole;
    } catch (error) {
      toast(`Version ${number} could not be fetched: ${error instanceof Error ? error.message : error}`, "error");
      return null;
    }
  }

  /** @param {number} number @param {"look" | "compare"} how @param {number | null} [other] compared with, if not with the draft */
  async #look(number, how, other = /** @type {number | null} */ (null)) {
    const whole = await this.#fetched(number);
    if (!whole || (other !== null && !(await this.#fetched(other)))) return;
    this.looked = { number, how, other };
    const { summary, after } = this.#compared(whole, other);
    const names = new Set([...summary.added, ...summary.changed.map(({ name }) => name)]);
    if (how === "look") this.place.preview?.(whole.document);
    else this.place.preview?.(after, names);
    this.place.announce?.(how === "look" ? `Version ${number} is on the canvas` : `${names.size + summary.removed.length} steps differ from version ${number}`);
    this.drawNow();
    if (!this.element.contains(document.activeElement)) document.getElementById("versions-back")?.focus();
  }

  /** The draft is on the canvas again. */
  back() {
    if (!this.looked) return;
    this.looked = null;
    this.place.preview?.(null);
    this.drawNow();
  }

  /** @param {number} number */
  async #restore(number) {
    const whole = await this.#fetched(number);
    if (!whole) return;
    this.back();
    this.session.replace(whole.document, `Restore version ${number}`);
    toast(`The draft is as version ${number} was. Undo brings back what it was before.`, "success");
    this.drawNow();
  }

  #drawLooked() {
    if (!this.looked) return null;
    const { number, how, other } = this.looked;
    const whole = this.whole.get(number);
    if (!whole) return null;
    const back = h("button", { id: "versions-back", type: "button", class: "button button-small button-primary", onClick: () => this.back() }, icon("edit"), "Back to the draft");
    if (how === "look") return section("looked", `Looking at version ${number}`, [h("p", { class: "muted" }, "Nothing can be changed here."), back]);
    const { before, after, summary } = this.#compared(whole, other);
    const [older, newer] = [number, other ?? 0].sort((one, two) => one - two);
    const title = other === null ? `The draft since version ${number}` : `Version ${newer} since version ${older}`;
    return section("looked", title, [back, this.#drawOther(number, other), isSame(summary) ? h("p", null, "They do the same.") : this.#drawSummary(summary), drawText(before, after)]);
  }

  /** What a version is compared with. @param {number} number @param {number | null} other */
  #drawOther(number, other) {
    const onChange = (/** @type {Event} */ event) => {
      const chosen = /** @type {HTMLSelectElement} */ (event.target).value;
      void this.#look(number, "compare", chosen ? Number(chosen) : null);
    };
    const others = (this.versions ?? []).filter((one) => one.number !== number);
    return h(
      "div", { class: "field" }, h("label", { for: "versions-other", class: "panel-label" }, "Compared with"),
      h("select", { id: "versions-other", value: other === null ? "" : String(other), onChange },
        h("option", { key: "", value: "" }, "the draft"), others.map((one) => h("option", { key: one.number, value: String(one.number) }, `version ${one.number}`))),
    );
  }

  /** @param {Whole} whole @param {number | null} other */
  #compared(whole, other) {
    const current = other === null ? this.session.document : this.whole.get(other)?.document;
    const both = [whole.document, current].map((document) => tidied(document, this.schema));
    // What was published later comes after, whichever was chosen first.
    const [before, after] = other !== null && other < whole.number ? both.reverse() : both;
    return { before, after, summary: summaryOf(before, after) };
  }

  /** @param {Summary} summary */
  #drawSummary({ added, removed, changed, edges, other }) {
    const row = (/** @type {string} */ word, /** @type {any[]} */ items) => (items.length ? [h("dt", null, word), h("dd", null, items)] : null);
    const step = (/** @type {string} */ name) => h("div", { key: name }, stepButton(this, name));
    return h(
      "dl", { class: "facts facts-stacked" },
      row("Added", added.map(step)), row("Removed", removed.map((name) => h("div", { key: name }, h("s", null, name)))),
      row("Changed", changed.map(({ name, fields }) => h("div", { key: name }, stepButton(this, name), " ", h("span", { class: "muted small" }, fields.join(", "))))),
      row("New connections", edges.added.map((words) => h("div", { key: words }, words))),
      row("Connections taken away", edges.removed.map((words) => h("div", { key: words }, h("s", null, words)))),
      row("Beside the steps", other.map((name) => h("div", { key: name }, name))),
    );
  }
}

const SIGNS = { added: "+", removed: "−", same: " ", gap: " " };
const WORDS = { added: "added: ", removed: "removed: ", same: "", gap: "" };

/** @param {any} before @param {any} after */
function drawText(before, after) {
  const lines = textDifference(linesOf(before, "yaml").lines, linesOf(after, "yaml").lines);
  if (!lines.length) return null;
  const drawn = lines.map(({ kind, text }) => h("span", { class: "panel-line", "data-kind": kind },
    h("span", { "aria-hidden": "true" }, SIGNS[kind]), WORDS[kind] ? h("span", { class: "visually-hidden" }, WORDS[kind]) : null, `${text}\n`));
  return h("details", { key: "text", class: "panel-text", open: true }, h("summary", null, "As text"), h("pre", { class: "code code-block panel-lines", tabindex: "0", role: "region", "aria-label": "Difference as text" }, drawn));
}

/** @param {string} at */
const dateOf = (at) => new Date(at).toLocaleString(document.documentElement.lang || undefined, { dateStyle: "medium", timeStyle: "short" });
