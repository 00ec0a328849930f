/** What differs between two documents: steps as one sees them on the canvas, and the text line by line. Pure. */

import { stepsByName } from "../model/document.js";
import { edgeKey, edgesOf } from "../model/graph.js";
import { isObject, same } from "../model/json.js";

/**
 * @typedef {import("../model/document.js").Document} Document
 * @typedef {{added: string[], removed: string[], changed: {name: string, fields: string[]}[], edges: {added: string[], removed: string[]},
 *   other: string[]}} Summary `other`: parts of the document beside its steps
 * @typedef {{kind: "same" | "added" | "removed" | "gap", text: string}} Line
 */

/** Where things stand says nothing about what they do. */
const LOOKS = new Set(["steps", "layout", "notes"]);
const AROUND = 3;
/** More lines than this are not compared one with another: it would take longer than one wants to wait. */
const MOST_CELLS = 4_000_000;

/** @param {Document} before @param {Document} after @returns {Summary} */
export function summaryOf(before, after) {
  const old = stepsByName(before);
  const now = stepsByName(after);
  const both = [...now.keys()].filter((name) => old.has(name));
  const changed = both
    .map((name) => ({ name, fields: differing(old.get(name), now.get(name)) }))
    .filter(({ fields }) => fields.length);
  const lines = (/** @type {Document} */ document) => new Map(edgesOf(document).map(({ parent, child }) => [edgeKey(parent, child), `${parent} → ${child}`]));
  const [edgesBefore, edgesNow] = [lines(before), lines(after)];
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed,
    edges: { added: missing(edgesNow, edgesBefore), removed: missing(edgesBefore, edgesNow) },
    other: differing(before, after).filter((key) => !LOOKS.has(key)),
  };
}

/** Whether nothing differs that a run would notice. @param {Summary} summary */
export const isSame = ({ added, removed, changed, edges, other }) =>
  ![added, removed, changed, edges.added, edges.removed, other].some((list) => list.length);

/** @param {Map<string, string>} from @param {Map<string, string>} other */
const missing = (from, other) => [...from].filter(([key]) => !other.has(key)).map(([, words]) => words);

/** The keys under which two objects differ; those of parameters one by one. @param {any} before @param {any} after @returns {string[]} */
function differing(before, after) {
  const keys = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...keys].filter((key) => !same(before?.[key], after?.[key])).flatMap((key) => {
    const [old, now] = [before?.[key], after?.[key]];
    const inside = key === "parameters" && (isObject(old) || isObject(now));
    return inside ? differing(old ?? {}, now ?? {}) : [key];
  });
}

/** The lines that differ, with a few around them. @param {string[]} before @param {string[]} after @returns {Line[]} */
export function textDifference(before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const middle = compared(before.slice(start, before.length - end), after.slice(start, after.length - end));
  const line = (/** @type {string} */ text) => /** @type {Line} */ ({ kind: "same", text });
  const whole = [...before.slice(0, start).map(line), ...middle, ...before.slice(before.length - end).map(line)];
  return middle.length ? withGaps(whole) : [];
}

/** @param {string[]} before @param {string[]} after @returns {Line[]} */
function compared(before, after) {
  const removed = (/** @type {string} */ text) => /** @type {Line} */ ({ kind: "removed", text });
  const added = (/** @type {string} */ text) => /** @type {Line} */ ({ kind: "added", text });
  if (before.length * after.length > MOST_CELLS) return [...before.map(removed), ...after.map(added)];
  const common = longestCommon(before, after);
  /** @type {Line[]} */
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ kind: "same", text: before[i] });
      i += 1;
      j += 1;
    } else if (common[i + 1][j] >= common[i][j + 1]) lines.push(removed(before[i++]));
    else lines.push(added(after[j++]));
  }
  return [...lines, ...before.slice(i).map(removed), ...after.slice(j).map(added)];
}

/** How many lines are in common from each place on. @param {string[]} before @param {string[]} after */
function longestCommon(before, after) {
  const common = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      common[i][j] = before[i] === after[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  return common;
}

/** @param {Line[]} lines @returns {Line[]} */
function withGaps(lines) {
  const near = lines.map((_, place) => lines.slice(Math.max(0, place - AROUND), place + AROUND + 1).some(({ kind }) => kind !== "same"));
  return lines.flatMap((line, place) => {
    if (near[place]) return [line];
    return place === 0 || near[place - 1] ? [/** @type {Line} */ ({ kind: "gap", text: "…" })] : [];
  });
}
