/** The state of the page: one view of the run, and who wants to hear what has changed in it. */

import { applyInto } from "./apply_change.js";
import { viewOf } from "./snapshot.js";

/**
 * @typedef {import("./apply_change.js").View} View
 * @typedef {import("./apply_change.js").Change} Change
 * @typedef {import("./snapshot.js").Snapshot} Snapshot
 * @typedef {import("../live.js").Frame} Frame
 * @typedef {{run: boolean, all: boolean, steps: Set<number>, changes: Change[]}} News
 */

const RETRY_MS = 1000;

export class RunStore {
  /**
   * @param {Snapshot} snapshot
   * @param {{fetchSnapshot: () => Promise<Snapshot>, onNews: (news: News) => void}} around
   */
  constructor(snapshot, { fetchSnapshot, onNews }) {
    this.view = viewOf(snapshot);
    this.fetchSnapshot = fetchSnapshot;
    this.onNews = onNews;
    this.fetching = false;
    /** @type {Map<string, number> | null} */
    this.counted = null;
    /** @type {Frame[]} what came while the snapshot was fetched */
    this.waiting = [];
  }

  get number() {
    return this.view.number;
  }

  /** Takes a frame: what is known already is passed over, and a gap means asking anew. @param {Frame} frame */
  receive(frame) {
    if (this.fetching) {
      this.waiting.push(frame);
      return;
    }
    if (frame.to <= this.view.number) return;
    if (frame.from > this.view.number + 1) {
      this.waiting.push(frame);
      void this.resync();
      return;
    }
    const fresh = frame.changes.filter((change) => change.n > this.view.number);
    this.#apply(fresh);
    // In a merged frame the last number may belong to a change that was left out.
    this.view.number = frame.to;
    this.onNews(newsOf(fresh));
  }

  /** Fetches the snapshot, as often as it takes; frames wait meanwhile. */
  async resync() {
    if (this.fetching) return;
    this.fetching = true;
    for (;;) {
      try {
        this.view = viewOf(await this.fetchSnapshot());
        this.counted = null;
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.fetching = false;
    this.onNews({ run: true, all: true, steps: new Set(), changes: [] });
    const frames = this.waiting;
    this.waiting = [];
    for (const frame of frames) this.receive(frame);
  }

  /** Takes steps for what was asked of them, until the run's changes tell what became of it. @param {Iterable<number>} steps @param {string} status */
  presume(steps, status) {
    for (const index of steps) {
      const step = this.view.steps[index];
      this.#count(step.status, -1);
      this.#count(status, 1);
      step.status = status;
    }
  }

  /** How many steps are in which status; counted once, then kept up with. @returns {Map<string, number>} */
  counts() {
    if (!this.counted) {
      this.counted = new Map();
      for (const step of Object.values(this.view.steps)) this.#count(step.status, 1);
    }
    return this.counted;
  }

  /** @param {string} status @param {1 | -1} more */
  #count(status, more) {
    const count = (this.counted?.get(status) ?? 0) + more;
    if (count) this.counted?.set(status, count);
    else this.counted?.delete(status);
  }

  /** @param {Change[]} changes */
  #apply(changes) {
    const { steps, all } = newsOf(changes);
    if (all) this.counted = null;
    const before = [...steps].map((step) => this.view.steps[step]?.status);
    applyInto(this.view, changes);
    [...steps].forEach((step, place) => {
      if (before[place]) this.#count(before[place], -1);
      const after = this.view.steps[step]?.status;
      if (after) this.#count(after, 1);
    });
  }
}

/** @param {Change[]} changes @returns {News} */
export function newsOf(changes) {
  const steps = new Set();
  let run = false;
  let all = false;
  for (const { kind, data } of changes) {
    if (kind === "run_status" || kind === "run_created") run = true;
    if (kind === "steps_added") all = true;
    if (Number.isInteger(data.step)) steps.add(data.step);
  }
  return { run, all, steps, changes };
}
