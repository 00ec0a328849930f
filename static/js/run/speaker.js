/** Tells screen readers how the run's own status changes; the chart's element speaks of the steps. */

const PAUSE_MS = 5000;

export class Speaker {
  /** @param {HTMLElement | null} region @param {string[]} names */
  constructor(region, names) {
    this.region = region;
    this.names = names;
    this.timer = 0;
    this.status = "";
  }

  /** @param {import("./apply_change.js").Change[]} changes */
  hear(changes) {
    for (const { kind, data } of changes) if (kind === "run_status" && data.status) this.status = data.status;
    if (this.status && !this.timer) this.timer = setTimeout(() => this.#speak(), PAUSE_MS);
  }

  #speak() {
    this.timer = 0;
    if (this.region) this.region.textContent = `The run is ${this.status}.`;
    this.status = "";
  }
}
