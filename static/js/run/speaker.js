/** Tells screen readers how the run and its script stand, and that it has more steps; the chart's element speaks of the steps' statuses. */

const PAUSE_MS = 5000;

export class Speaker {
  /** @param {HTMLElement | null} region */
  constructor(region) {
    this.region = region;
    this.timer = 0;
    /** The newest sentence about each thing that has not been spoken of yet. @type {Map<string, string>} */
    this.sentences = new Map();
  }

  /** @param {import("./apply_change.js").Change[]} changes */
  hear(changes) {
    for (const { kind, data } of changes) if (kind === "run_status" && data.status) this.tell("run", `The run is ${data.status}.`);
  }

  /** Soon: what comes together is said together. @param {string} of @param {string} sentence */
  tell(of, sentence) {
    this.sentences.set(of, sentence);
    this.timer ||= setTimeout(() => this.#speak(), PAUSE_MS);
  }

  #speak() {
    this.timer = 0;
    if (this.region) this.region.textContent = [...this.sentences.values()].join(" ");
    this.sentences.clear();
  }
}
