/** What a preview says, in words and in the order in which a person should read it. Pure. */

import { duration } from "../../pages/clocks.js";

/**
 * @typedef {{effect: string, attempt: number | null, usual_seconds: number | null}} StepEffect
 * @typedef {{change: number, refused: string | null, steps: Record<string, StepEffect>, counts: Record<string, number>,
 *   expected_seconds: number | null, based_on: string}} Preview
 */

/** What becomes of steps, the gravest first; the rest stays as it is. */
export const TOLD = ["aborted first", "will run", "may run", "becomes stale", "reused", "skipped"];
/** What of it means work. */
export const RUNS = new Set(["aborted first", "will run", "may run"]);
const CERTAIN = new Set(["aborted first", "will run"]);

/** The counts that are told, in order. @param {Preview} preview @returns {[string, number][]} */
export const countsTold = ({ counts }) => TOLD.filter((effect) => counts[effect]).map((effect) => [effect, counts[effect]]);

/** @param {Preview} preview */
export function timeTold({ expected_seconds: seconds, based_on: source, steps }) {
  if (seconds === null) return source ? `How long is not known: ${source}.` : "";
  const rounded = seconds < 10 ? Math.max(Math.round(seconds * 10) / 10, 0.1) : Math.round(seconds);
  const isWhole = !Object.values(steps).some(({ effect, attempt, usual_seconds }) => CERTAIN.has(effect) && attempt !== null && usual_seconds === null);
  return `${isWhole ? "About" : "At least"} ${duration(rounded)}, from ${source}.`;
}

/** "1 aborted first, 2 will run": what of it means work. @param {Preview} preview */
export const workTold = (preview) => countsTold(preview).filter(([effect]) => RUNS.has(effect)).map(([effect, count]) => `${count} ${effect}`).join(", ");

/** The steps whose next attempts can be given values. @param {Preview} preview */
export const stepsAsked = ({ steps }) => Object.entries(steps).filter(([, { attempt }]) => attempt !== null).map(([name]) => name);

/** The names of each effect, for a list. @param {Preview} preview @returns {Map<string, string[]>} */
export function namesByEffect({ steps }) {
  /** @type {Map<string, string[]>} */
  const found = new Map(TOLD.map((effect) => [effect, []]));
  for (const [name, { effect }] of Object.entries(steps)) found.get(effect)?.push(name);
  return found;
}

/** The effect that stands for several steps: the first that any of them has. @param {(string | undefined)[]} effects */
export const gravest = (effects) => TOLD.find((effect) => effects.includes(effect)) ?? "";
