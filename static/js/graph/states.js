/**
 * What each step is doing, in arrays by step index: the snapshot put in whole, then changed one step at a time.
 * Times are milliseconds since 1970, NaN when there is none; progress is 0 to 1, NaN when unknown.
 */

import { PENDING, STATUSES, statusCode, statusCodeOfLetter } from "./statuses.js";

/**
 * @typedef {{statuses: string, stale?: string, attempts?: number[], started?: (string | null)[],
 *   ended?: (string | null)[], progress?: Record<string, number>, reasons?: Record<string, string>}} Snapshot
 * @typedef {{status?: string, reason?: string | null, attempt?: number, progress?: number | null,
 *   started_at?: string | null, ended_at?: string | null, stale?: boolean}} StepPatch
 * @typedef {{status: string, attempt: number, startedAt: number, endedAt: number, progress: number,
 *   stale: boolean, reason: string}} StepState
 */

export class States {
  /** @param {number} size */
  constructor(size) {
    this.size = size;
    this.status = new Uint8Array(size).fill(PENDING);
    this.stale = new Uint8Array(size);
    this.attempt = new Uint32Array(size);
    this.startedAt = new Float64Array(size).fill(NaN);
    this.endedAt = new Float64Array(size).fill(NaN);
    this.progress = new Float32Array(size).fill(NaN);
    /** @type {Map<number, string>} */
    this.reasons = new Map();
  }

  /** Room for more steps, which begin as pending. @param {number} size @returns {States} */
  grownTo(size) {
    if (size <= this.size) return this;
    const grown = new States(size);
    grown.status.set(this.status);
    grown.stale.set(this.stale);
    grown.attempt.set(this.attempt);
    grown.startedAt.set(this.startedAt);
    grown.endedAt.set(this.endedAt);
    grown.progress.set(this.progress);
    grown.reasons = this.reasons;
    return grown;
  }

  /** @param {number} index @param {StepPatch} patch fields that are absent stay as they are */
  patch(index, patch) {
    if (patch.status !== undefined) this.status[index] = statusCode(patch.status);
    if (patch.attempt !== undefined) this.attempt[index] = patch.attempt;
    if (patch.stale !== undefined) this.stale[index] = patch.stale ? 1 : 0;
    if (patch.started_at !== undefined) this.startedAt[index] = milliseconds(patch.started_at);
    if (patch.ended_at !== undefined) this.endedAt[index] = milliseconds(patch.ended_at);
    if (patch.status === "pending") this.progress[index] = NaN;
    if (patch.progress !== undefined) this.progress[index] = patch.progress ?? NaN;
    if (patch.reason !== undefined) {
      if (patch.reason) this.reasons.set(index, patch.reason);
      else this.reasons.delete(index);
    }
  }

  /** @param {number} index @param {States} from @param {number} its index there */
  copy(index, from, its) {
    for (const field of /** @type {const} */ (["status", "stale", "attempt", "startedAt", "endedAt", "progress"])) {
      this[field][index] = from[field][its];
    }
    const reason = from.reasons.get(its);
    if (reason) this.reasons.set(index, reason);
    else this.reasons.delete(index);
  }

  /** @param {number} index @returns {string} */
  word(index) {
    return STATUSES[this.status[index]];
  }

  /** @param {number} index @returns {StepState} */
  at(index) {
    return {
      status: STATUSES[this.status[index]],
      attempt: this.attempt[index],
      startedAt: this.startedAt[index],
      endedAt: this.endedAt[index],
      progress: this.progress[index],
      stale: this.stale[index] === 1,
      reason: this.reasons.get(index) ?? "",
    };
  }
}

/** The states of a graph that is not run: each step is a draft and names its template.
 * @param {import("./model.js").Model} model @returns {States} */
export function plainStates(model) {
  const states = new States(model.size);
  states.status.fill(statusCode("draft"));
  model.nodes.forEach(({ template, version }, i) => {
    if (template) states.reasons.set(i, version ? `${template} v${version}` : template);
  });
  return states;
}

/** @param {Snapshot} snapshot @returns {States} */
export function statesOf(snapshot) {
  const states = new States(snapshot.statuses.length);
  for (let i = 0; i < states.size; i += 1) {
    states.status[i] = statusCodeOfLetter(snapshot.statuses[i]);
    states.stale[i] = snapshot.stale?.[i] === "1" ? 1 : 0;
    states.attempt[i] = snapshot.attempts?.[i] ?? 0;
    states.startedAt[i] = milliseconds(snapshot.started?.[i]);
    states.endedAt[i] = milliseconds(snapshot.ended?.[i]);
    states.progress[i] = snapshot.progress?.[i] ?? NaN;
  }
  for (const [index, reason] of Object.entries(snapshot.reasons ?? {})) states.reasons.set(Number(index), reason);
  return states;
}

/** @param {string | null | undefined} iso @returns {number} */
const milliseconds = (iso) => (iso ? Date.parse(iso) : NaN);
