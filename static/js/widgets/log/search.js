/** Asks the server for the lines that hold something, part by part, and goes on as the log grows. No document. */

import { Hits } from "./hits.js";

export class LogSearch {
  hits = new Hits();
  busy = false;
  again = false;
  asked = 0;
  total = 0;

  /** @param {URLSearchParams} wanted @param {(query: URLSearchParams) => Promise<any>} fetchHits @param {() => void} onNews */
  constructor(wanted, fetchHits, onNews) {
    this.wanted = wanted;
    this.fetchHits = fetchHits;
    this.onNews = onNews;
    this.fault = "";
    this.ended = false;
  }

  /** Searches what was not searched yet. */
  async goOn() {
    if (this.ended || this.fault) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    try {
      do {
        this.again = false;
        await this.#part();
      } while (this.again && !this.ended);
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    }
    this.busy = false;
    this.onNews();
  }

  async #part() {
    const query = new URLSearchParams(this.wanted);
    query.set("from", String(this.hits.to));
    const found = await this.fetchHits(query);
    const before = this.hits.to;
    this.hits.add(found);
    this.total = found.total;
    this.ended = found.end && found.to >= found.total;
    // More than one answer holds: the next part follows.
    if (found.to > before && found.to < found.total - 1) this.again = true;
    this.onNews();
  }
}
