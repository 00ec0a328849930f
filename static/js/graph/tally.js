/**
 * What the nodes of a folded graph are doing: a node that shows one step does what the step does, a bundle counts
 * its steps by status and shows the status that a person should see first. Pure.
 */

import { States } from "./states.js";
import { isFinal, STATUSES, statusCode } from "./statuses.js";

/**
 * @typedef {import("./folding.js").Folded} Folded
 * @typedef {{line: string, bar: {word: string, count: number}[]}} Told  what a card says of several steps
 */

/** The status of the first of these that any step has. */
const FIRST_SEEN = [
  "failed", "crashed", "aborting", "awaiting", "running", "paused", "queued", "aborted", "pending", "draft",
  "completed", "cached", "skipped",
].map(statusCode);

export class Tally {
  /** @param {Folded} folded @param {States} steps the states of all steps, which this follows */
  constructor(folded, steps) {
    this.folded = folded;
    this.steps = steps;
    this.nodes = new States(folded.model.size);
    /** @type {Map<number, Uint32Array>} how many steps of a bundle are in each status, by node */
    this.counts = new Map();
    /** The status under which each step is counted. */
    this.counted = steps.status.slice(0, folded.nodeOf.length);
    /** @type {Map<number, number>} the step whose state a node shows instead of counting, by node */
    this.heads = new Map();
    /** @type {Set<number>} the steps that no node counts */
    this.passed = new Set();
    folded.bundles.forEach((bundle, node) => {
      if (bundle) this.#countBundle(node, bundle);
      else this.nodes.copy(node, steps, folded.first[node]);
    });
  }

  /** @param {number} node @param {import("./folding.js").Bundle} bundle */
  #countBundle(node, { kind, steps, counted = steps }) {
    if (kind === "fan") {
      const ours = new Set(counted);
      for (const step of steps) if (!ours.has(step)) this.passed.add(step);
      this.heads.set(node, steps[0]);
    }
    this.#count(node, counted);
  }

  /** @param {number} node @returns {Told | null} */
  told(node) {
    const counts = this.counts.get(node);
    return counts ? tallyText(counts) : null;
  }

  /** @param {number} node @param {number[]} members */
  #count(node, members) {
    const counts = new Uint32Array(STATUSES.length);
    for (const step of members) counts[this.counted[step]] += 1;
    this.counts.set(node, counts);
    this.#show(node, counts);
  }

  /** A fan-out has a status of its own; of other bundles the first thing to be seen is shown. @param {number} node @param {Uint32Array} counts */
  #show(node, counts) {
    const head = this.heads.get(node);
    if (head === undefined) this.nodes.status[node] = firstSeen(counts);
    else this.nodes.copy(node, this.steps, head);
  }

  /** A step's state has changed. @param {number} step @returns {number} the node that shows it */
  follow(step) {
    const node = this.folded.nodeOf[step];
    const counts = this.counts.get(node);
    if (!counts) {
      this.nodes.copy(node, this.steps, step);
      return node;
    }
    if (!this.passed.has(step)) {
      counts[this.counted[step]] -= 1;
      this.counted[step] = this.steps.status[step];
      counts[this.counted[step]] += 1;
    }
    this.#show(node, counts);
    return node;
  }
}

/** @param {Uint32Array} counts */
const firstSeen = (counts) => FIRST_SEEN.find((code) => counts[code] > 0) ?? statusCode("pending");

/** "27/40 done · 1 failed · 3 running". @param {Uint32Array} counts @returns {string} */
export function tallyLine(counts) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  // Nothing of it runs: the chart of a version.
  if (counts[statusCode("draft")] === total) return `${total} steps`;
  const done = counts.reduce((sum, count, code) => sum + (isFinal(STATUSES[code]) ? count : 0), 0);
  const told = ["failed", "crashed", "aborted", "awaiting", "running"].map((word) => [counts[statusCode(word)], word]);
  return [`${done}/${total} done`, ...told.filter(([count]) => count).map((pair) => pair.join(" "))].join(" · ");
}

const BAR_ORDER = [
  "completed", "cached", "skipped", "aborted", "failed", "crashed", "aborting", "awaiting", "paused", "running",
  "queued", "pending", "draft",
].map(statusCode);

/** @param {Uint32Array} counts @returns {Told} */
export const tallyText = (counts) => ({
  line: tallyLine(counts),
  bar: BAR_ORDER.filter((code) => counts[code]).map((code) => ({ word: STATUSES[code], count: counts[code] })),
});
