/** The script that drives a run: its part of the page, its log, and the chart while it has added no step yet. */

import { live } from "../live.js";

/** @typedef {import("./main.js").RunPage} RunPage @typedef {import("./store.js").News} News */

export const PLACE = "part-script";

export class Script {
  /** @param {RunPage} page */
  constructor(page) {
    this.page = page;
    /** @type {Map<string, () => void>} */
    this.watched = new Map();
    this.fresh();
  }

  /** It is asked, and moves, with the run; what else becomes of it is told on its own topic. @param {News} news */
  hear(news) {
    const asked = news.changes.some(({ kind, data }) => kind === "answered" || (kind === "called" && data.by === "script"));
    if (news.run || news.all || asked) this.page.parts.refresh("script");
  }

  /** The part was written anew: it names whom to watch, and its log goes on. */
  fresh() {
    const place = document.querySelector(`#${PLACE} [data-script-topics]`);
    const named = new Set(place?.getAttribute("data-script-topics")?.split(" ").filter(Boolean));
    for (const [topic, stop] of this.watched) {
      if (named.has(topic)) continue;
      stop();
      this.watched.delete(topic);
    }
    for (const topic of named) {
      if (!this.watched.has(topic)) this.watched.set(topic, live.watch(topic, () => this.page.parts.refresh("script")));
    }
    this.page.log?.follow(logPlace());
    this.paint();
  }

  /** A chart without steps says why. */
  paint() {
    if (this.page.names.length) return;
    this.page.graph.say(this.page.store.view.run.ended_at ? "The script has added no step." : "The script has not added a step yet.");
  }
}

export const logPlace = () => document.querySelector(`#${PLACE} [data-log-url]`);
