/** What one watches: told anew whenever a page is written anew, it joins what is new and leaves what is named no more. */

import { live } from "./live.js";

export class Watched {
  /** @param {() => void} onNews called at each news of any of them @param {Pick<import("./live.js").Live, "watch">} [to] */
  constructor(onNews, to = live) {
    this.onNews = onNews;
    this.to = to;
    /** What ends the watching of each. @type {Map<string, () => void>} */
    this.stops = new Map();
  }

  /** Watches these, and nothing else. @param {string} names topics as a page writes them: with spaces between */
  only(names) {
    const wanted = new Set(names.split(/\s+/).filter(Boolean));
    for (const [topic, stop] of this.stops) {
      if (wanted.has(topic)) continue;
      stop();
      this.stops.delete(topic);
    }
    for (const topic of wanted) {
      if (!this.stops.has(topic)) this.stops.set(topic, this.to.watch(topic, this.onNews));
    }
  }
}

/** The topics that elements name in an attribute. @param {Iterable<Element>} elements @param {string} attribute */
export const namedIn = (elements, attribute) => [...elements].map((element) => element.getAttribute(attribute) ?? "").join(" ");
