/**
 * What a card says: its second line and its accessible name. Pure; the same words wherever a step is spoken of.
 */

import { isClocked } from "./statuses.js";

/** @typedef {import("./states.js").StepState} StepState */

/** @param {number} milliseconds @param {boolean} [ticking] whole seconds only @returns {string} */
export function durationText(milliseconds, ticking = false) {
  const seconds = Math.max(milliseconds, 0) / 1000;
  if (ticking && seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = ticking ? Math.floor(seconds) : Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${twoDigits(whole % 60)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} m`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${twoDigits(hours % 24)} h`;
}

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, "0");

/** The card's second line; a step that is only planned names what it will do. @param {StepState} state @param {number} now milliseconds @returns {string} */
export function cardLine(state, now) {
  if (state.status === "draft" && state.reason) return state.reason;
  const parts = [state.status, ...detailOf(state, now)];
  if (state.attempt > 1) parts.push(`attempt ${state.attempt}`);
  return parts.join(" · ");
}

/** @param {StepState} state @param {number} now @returns {string[]} */
function detailOf(state, now) {
  if (isClocked(state.status)) {
    return Number.isNaN(state.startedAt) ? [] : [durationText(now - state.startedAt, true)];
  }
  if (state.reason) return [state.reason];
  const took = state.endedAt - state.startedAt;
  return Number.isNaN(took) || state.status === "pending" || state.status === "queued" ? [] : [durationText(took)];
}

/** "train fold 3, failed, attempt 2, 2 parents, 1 child". @param {string} name @param {StepState} state
 * @param {number} parents @param {number} children @param {string} [remark] @returns {string} */
export function cardName(name, state, parents, children, remark = "") {
  const parts = [name, state.status === "draft" && state.reason ? state.reason : state.status];
  if (remark) parts.push(remark);
  if (state.stale) parts.push("stale");
  if (state.attempt > 1) parts.push(`attempt ${state.attempt}`);
  parts.push(counted(parents, "parent", "parents"), counted(children, "child", "children"));
  return parts.join(", ");
}

/** @param {number} count @param {string} one @param {string} many */
const counted = (count, one, many) => (count === 0 ? `no ${many}` : `${count} ${count === 1 ? one : many}`);

const LONG_NAME = 12;
const TAIL = 4;

/** Made names differ at their end ("train fold 12"), so a long one is shortened before its last letters.
 * @param {string} name @returns {[string, string]} what may be shortened, and what may not */
export function splitName(name) {
  const letters = Array.from(name);
  if (letters.length < LONG_NAME) return [name, ""];
  return [letters.slice(0, -TAIL).join(""), letters.slice(-TAIL).join("")];
}

/** One sentence for a screen reader about everything that has changed: "12 completed, 1 failed: train fold 3".
 * @param {Map<string, string[]>} namesByStatus @returns {string} */
export function changesSentence(namesByStatus) {
  const parts = [...namesByStatus].map(([status, names]) => {
    const which = names.length <= 2 ? `: ${names.join(" and ")}` : "";
    return `${names.length} ${status}${which}`;
  });
  return parts.join(", ");
}
