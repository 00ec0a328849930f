/** Rectangles of the world. Pure. */

/** @typedef {import("../camera.js").Box} Box */

/** @param {Box[]} boxes @returns {Box | null} around all of them */
export function around(boxes) {
  if (boxes.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.left);
    top = Math.min(top, box.top);
    right = Math.max(right, box.right);
    bottom = Math.max(bottom, box.bottom);
  }
  return { left, top, right, bottom };
}

/** @param {Box} box @param {number} dx @param {number} dy @returns {Box} */
export const shifted = ({ left, top, right, bottom }, dx, dy) => ({ left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy });

/** @param {Box} box @param {number} by @returns {Box} */
export const grown = ({ left, top, right, bottom }, by) => ({ left: left - by, top: top - by, right: right + by, bottom: bottom + by });

/** @param {Box} a @param {Box} b */
export const touches = (a, b) => a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;

/** @param {[number, number]} a @param {[number, number]} b two corners, whichever @returns {Box} */
export const boxBetween = (a, b) => ({
  left: Math.min(a[0], b[0]), top: Math.min(a[1], b[1]), right: Math.max(a[0], b[0]), bottom: Math.max(a[1], b[1]),
});
