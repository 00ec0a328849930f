/** A snapshot as the server sends it, made into the view that changes are folded into. Pure. */

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
