/** What must be changed in a text to make it another: one place, what both begin and end with is left alone. Pure. */

/** @param {string} before @param {string} after @returns {{from: number, to: number, insert: string} | null} */
export function changeOf(before, after) {
  if (before === after) return null;
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < most - from && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}
