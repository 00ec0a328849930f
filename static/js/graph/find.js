/** Finding steps by words: each word must be in the name, the template or the status. Pure. */

/** @typedef {import("./model.js").GraphNode} GraphNode */

/** What is searched, in small letters, by index. @param {GraphNode[]} nodes @returns {string[]} */
export const searchTexts = (nodes) => nodes.map(({ name, template }) => `${name}\n${template ?? ""}`.toLowerCase());

/**
 * The steps that have all words and, if one is asked for, the status.
 * @param {string[]} texts from searchTexts @param {(step: number) => string} statusOf
 * @param {{words?: string, status?: string | null}} sought @returns {number[]} ascending
 */
export function findSteps(texts, statusOf, { words = "", status = null }) {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = [];
  for (let step = 0; step < texts.length; step += 1) {
    const word = statusOf(step);
    if (status !== null && word !== status) continue;
    if (parts.every((part) => texts[step].includes(part) || word.startsWith(part))) found.push(step);
  }
  return found;
}

/** The next in a direction, round about; null when there is none. @param {number[]} found ascending
 * @param {number} from -1 for before the first @param {1 | -1} direction @returns {number | null} */
export function nextFound(found, from, direction) {
  if (found.length === 0) return null;
  if (direction > 0) return found.find((step) => step > from) ?? found[0];
  return found.filter((step) => step < from).at(-1) ?? found[found.length - 1];
}
