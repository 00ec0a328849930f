/** The grid that things stand on. Pure. */

export const GRID = 10;

/** @param {number} value */
export const snapped = (value) => Math.round(value / GRID) * GRID + 0;

/** How far things go that are held at one of them: that one lands on the grid, the others keep their distances.
 * @param {[number, number]} held where it stood @param {number} dx @param {number} dy @returns {[number, number]} */
export const snappedMove = ([x, y], dx, dy) => [snapped(x + dx) - x, snapped(y + dy) - y];
