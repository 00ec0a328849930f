/**
 * Where one is in a list of rows that may be taller than a browser can scroll, or than is known
 * (wrapped rows are only measured when shown). Pure: no document.
 *
 * One number says it: the share p of the way from top to end. The point p of the list stands at
 * the point p of the window, so 0 shows the first row at the top and 1 the last at the bottom.
 */

// Firefox ends at 17.8 million pixels, others later.
export const TALLEST = 6_000_000;

/** @typedef {{count: number, row: number, height: number}} List rows, the height of one, and of the window */

/** How tall the scrolled element is. @param {List} list */
export const tallness = ({ count, row }) => Math.min(count * row, TALLEST);

/** @param {List} list */
export const isScaled = ({ count, row }) => count * row > TALLEST;

/** How far one can scroll. @param {List} list */
const way = (list) => Math.max(tallness(list) - list.height, 0);

/** @param {List} list @param {number} top */
export function shareAt(list, top) {
  return way(list) ? Math.min(Math.max(top / way(list), 0), 1) : 0;
}

/** @param {List} list @param {number} share */
export const topAt = (list, share) => Math.round(share * way(list));

/** The rows to show around a share, with some to spare; *anchor* is the point of the list that stands at *y*. @param {List} list @param {number} share @param {number} spare */
export function windowAt({ count, row, height }, share, spare) {
  const anchor = share * count;
  const y = share * height;
  return {
    anchor,
    y,
    first: Math.max(0, Math.floor(anchor - y / row) - spare),
    last: Math.min(count - 1, Math.ceil(anchor + (height - y) / row) + spare),
  };
}

/** The share after moving some pixels of real rows. @param {List} list @param {number} share @param {number} pixels */
export function movedBy({ count, row, height }, share, pixels) {
  const room = count * row - height;
  return room > 0 ? Math.min(Math.max(share + pixels / room, 0), 1) : 0;
}

/** The share at which a row is in view. @param {number} count @param {number} row */
export const shareOf = (count, row) => (count ? (row + 0.5) / count : 0);

/** The share that shows the same rows when the list has become longer. @param {List} before @param {number} share @param {number} count */
export function shareAfter(before, share, count) {
  const top = share * (before.count * before.row - before.height);
  const room = count * before.row - before.height;
  return top > 0 && room > 0 ? Math.min(top / room, 1) : 0;
}

/** The lines that an address names, counted from 0: `#L5` or `#L5-L9`. @param {string} hash @returns {[number, number] | null} */
export function linesIn(hash) {
  const found = /^#L(\d{1,9})(?:-L?(\d{1,9}))?$/.exec(hash);
  if (!found || Number(found[1]) < 1) return null;
  const ends = [Number(found[1]) - 1, Number(found[2] ?? found[1]) - 1].sort((a, b) => a - b);
  return [Math.max(ends[0], 0), ends[1]];
}

/** @param {number} first @param {number} last */
export const hashOf = (first, last) => (first === last ? `#L${first + 1}` : `#L${first + 1}-L${last + 1}`);
