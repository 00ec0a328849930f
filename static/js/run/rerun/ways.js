/** The ways to rerun that a page offers now, as the REST interface takes them. Pure. */

/**
 * @typedef {"step" | "from" | "selection" | "below" | "failed" | "stale" | "all"} Key
 * @typedef {{key: Key, label: string, body: Record<string, any>, step: string | null}} Way  `step`: the one whose values can be changed
 * @typedef {{step: string | null, follows: boolean, chosen: string[], failed: number, stale: number}} Situation
 */

/** @param {Situation} now @returns {Way[]} */
export function waysOf({ step, follows, chosen, failed, stale }) {
  /** @type {(Way | false)[]} */
  const ways = [
    step !== null && { key: "step", label: `Only ${step}`, body: { steps: [step] }, step },
    step !== null && follows && { key: "from", label: `${step} and all that follows`, body: { from: [step] }, step },
    chosen.length > 0 && { key: "selection", label: `The ${counted(chosen.length, "selected step")}`, body: { steps: chosen }, step: only(chosen) },
    chosen.length > 0 && { key: "below", label: "The selection and all that follows", body: { from: chosen }, step: only(chosen) },
    failed > 0 && { key: "failed", label: "What failed", body: { failed: true }, step: null },
    stale > 0 && { key: "stale", label: `What is stale (${stale})`, body: { stale: true }, step: null },
    { key: "all", label: "Everything", body: { all: true }, step: null },
  ];
  return /** @type {Way[]} */ (ways.filter(Boolean));
}

/** @param {string[]} names */
const only = (names) => (names.length === 1 ? names[0] : null);

/** @param {number} count @param {string} word */
export const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
