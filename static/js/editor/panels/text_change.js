/** What must be changed in a text to make it another: line by line, so that whoever writes in one that stays is not moved. Pure. */

/** @typedef {{from: number, to: number, insert: string}} Change places are those of the text before */

/** So many pairs of lines are compared; of larger differences all is replaced between the first and the last. */
const MOST_PAIRS = 1_000_000;

/** @param {string} before @param {string} after @returns {Change[]} in order, none if they are the same */
export function changesOf(before, after) {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  /** @type {Change[]} */
  const changes = [];
  let [place, next, at] = [0, 0, 0];
  for (const [one, other] of [...pairs(old, fresh), [old.length, fresh.length]]) {
    const gone = old.slice(place, one).join("");
    const change = within(gone, fresh.slice(next, other).join(""));
    if (change) changes.push({ ...change, from: at + change.from, to: at + change.to });
    at += gone.length + (old[one]?.length ?? 0);
    [place, next] = [one + 1, other + 1];
  }
  return changes;
}

/** Lines with what ends them. @param {string} text */
const linesOf = (text) => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

/**
 * The lines that stay: of each its place in both.
 * @param {string[]} old @param {string[]} fresh @returns {[number, number][]}
 */
function pairs(old, fresh) {
  const most = Math.min(old.length, fresh.length);
  let first = 0;
  while (first < most && old[first] === fresh[first]) first += 1;
  let last = 0;
  while (last < most - first && old.at(-1 - last) === fresh.at(-1 - last)) last += 1;
  const [height, width] = [old.length - first - last, fresh.length - first - last];
  const inside = height * width > MOST_PAIRS ? [] : longest(old.slice(first, first + height), fresh.slice(first, first + width));
  return [
    ...range(first).map((n) => /** @type {[number, number]} */ ([n, n])),
    ...inside.map(([one, other]) => /** @type {[number, number]} */ ([first + one, first + other])),
    ...range(last).map((n) => /** @type {[number, number]} */ ([old.length - last + n, fresh.length - last + n])),
  ];
}

/** The longest common part. @param {string[]} old @param {string[]} fresh @returns {[number, number][]} */
function longest(old, fresh) {
  const width = fresh.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let one = old.length - 1; one >= 0; one -= 1) {
    for (let other = fresh.length - 1; other >= 0; other -= 1) {
      const here = one * width + other;
      lengths[here] = old[one] === fresh[other] ? lengths[here + width + 1] + 1 : Math.max(lengths[here + width], lengths[here + 1]);
    }
  }
  /** @type {[number, number][]} */
  const found = [];
  let [one, other] = [0, 0];
  while (one < old.length && other < fresh.length) {
    const here = one * width + other;
    if (old[one] === fresh[other]) found.push([one++, other++]);
    else if (lengths[here + width] >= lengths[here + 1]) one += 1;
    else other += 1;
  }
  return found;
}

/** One change: what both begin and end with is left alone. @param {string} before @param {string} after @returns {Change | null} */
function within(before, after) {
  if (before === after) return null;
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < most - from && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}

/** @param {number} count */
const range = (count) => Array.from({ length: count }, (_, n) => n);
