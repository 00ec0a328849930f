/** Follows those whose end is not confirmed: how far they have come is told on topics of their own. */

import { live } from "../live.js";

export class Aborting {
  /** @param {() => void} onNews */
  constructor(onNews) {
    this.onNews = onNews;
    /** @type {Map<string, () => void>} */
    this.watched = new Map();
  }

  /** Watch those whom the page names now, and nobody else. */
  follow() {
    const place = document.querySelector("[data-aborted]");
    const named = new Set(place?.getAttribute("data-aborted")?.split(" ").filter(Boolean));
    for (const [topic, stop] of this.watched) {
      if (named.has(topic)) continue;
      stop();
      this.watched.delete(topic);
    }
    for (const topic of named) {
      if (!this.watched.has(topic)) this.watched.set(topic, live.watch(topic, this.onNews));
    }
  }
}
