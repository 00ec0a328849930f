/**
 * Tells screen readers what has changed: at most one sentence in five seconds, however fast a run moves.
 */

import { changesSentence } from "./card_text.js";
import { isFinal } from "./statuses.js";

const PAUSE_MILLISECONDS = 5000;

export class Announcer {
  constructor() {
    this.region = document.createElement("p");
    this.region.className = "graph-live";
    this.region.setAttribute("aria-live", "polite");
    /** @type {Map<number, {name: string, status: string}>} the newest status of each step not yet spoken of */
    this.news = new Map();
    this.timer = 0;
  }

  /** @param {number} index @param {string} name @param {string} status */
  note(index, name, status) {
    if (!isFinal(status) && status !== "awaiting") return;
    this.news.set(index, { name, status });
    this.timer ||= setTimeout(() => this.#speak(), PAUSE_MILLISECONDS);
  }

  /** At once; for what a person has just done. @param {string} sentence */
  say(sentence) {
    this.region.textContent = sentence;
  }

  #speak() {
    this.timer = 0;
    /** @type {Map<string, string[]>} */
    const names = new Map();
    for (const { name, status } of this.news.values()) names.set(status, [...(names.get(status) ?? []), name]);
    this.news.clear();
    this.say(changesSentence(names));
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.news.clear();
  }
}
