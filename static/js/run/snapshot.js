/** A snapshot as the server sends it, made into the view that changes are folded into; and the view as the chart takes it. Pure. */

import { STATUSES, statusCodeOfLetter } from "../graph/statuses.js";

/**
 * @typedef {import("./apply_change.js").View} View
 * @typedef {{number: number, run: Record<string, any>, statuses: string, stale: string, attempts: number[],
 *   started: (string | null)[], ended: (string | null)[], reasons: Record<string, string>,
 *   progress: Record<string, number>}} Snapshot
 */

/** @param {Snapshot} snapshot @returns {View} */
export function viewOf(snapshot) {
  /** @type {View["steps"]} */
  const steps = {};
  for (let index = 0; index < snapshot.statuses.length; index += 1) {
    steps[index] = {
      status: STATUSES[statusCodeOfLetter(snapshot.statuses[index])],
      reason: snapshot.reasons[index] ?? "",
      stale: snapshot.stale[index] === "1",
      attempt: snapshot.attempts[index],
      progress: snapshot.progress[index] ?? null,
      started_at: snapshot.started[index],
      ended_at: snapshot.ended[index],
    };
  }
  return { number: snapshot.number, run: { ...snapshot.run }, steps, attempts: {} };
}

const LETTERS = "dpwqrugchsfxa";
const WORDS = [
  "draft", "pending", "awaiting", "queued", "running", "paused", "aborting",
  "completed", "cached", "skipped", "failed", "crashed", "aborted",
];

/** The view's steps as the chart takes them. @param {View} view */
export function graphStates(view) {
  const steps = Object.values(view.steps);
  return {
    statuses: steps.map((step) => LETTERS[WORDS.indexOf(step.status)]).join(""),
    stale: steps.map((step) => (step.stale ? "1" : "0")).join(""),
    attempts: steps.map((step) => step.attempt),
    started: steps.map((step) => step.started_at),
    ended: steps.map((step) => step.ended_at),
    progress: withValue(steps.map((step) => step.progress)),
    reasons: withValue(steps.map((step) => step.reason || null)),
  };
}

/** @param {any[]} values @returns {Record<string, any>} */
const withValue = (values) => Object.fromEntries([...values.entries()].filter(([, value]) => value !== null));
