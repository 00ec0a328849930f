/**
 * Which boxes touch an area: a grid of cells over the picture, so that looking costs what is found there.
 * Boxes that would lie in many cells stand in a list of their own.
 */

/** @typedef {import("./camera.js").Box} Box */

const MOST_CELLS_OF_ONE = 16;
const MOST_CELLS = 1 << 16;

export class Grid {
  cell = 1;
  columns = 1;
  rows = 1;
  bounds = { left: 0, top: 0, right: 0, bottom: 0 };
  start = new Int32Array(0);
  items = new Int32Array(0);
  /** @type {number[]} */
  wide = [];

  /** @param {Float32Array} boxes left, top, right and bottom of each */
  constructor(boxes) {
    this.boxes = boxes;
    this.count = boxes.length / 4;
    this.#measure();
    this.#fill();
  }

  #measure() {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < this.boxes.length; i += 4) {
      left = Math.min(left, this.boxes[i]);
      top = Math.min(top, this.boxes[i + 1]);
      right = Math.max(right, this.boxes[i + 2]);
      bottom = Math.max(bottom, this.boxes[i + 3]);
    }
    const [width, height] = this.count ? [Math.max(right - left, 1), Math.max(bottom - top, 1)] : [1, 1];
    // About one box a cell, whatever the shape of the picture.
    this.cell = Math.max(Math.sqrt((width * height) / Math.min(this.count || 1, MOST_CELLS)), 1);
    this.bounds = { left, top, right, bottom };
    this.columns = Math.ceil(width / this.cell) + 1;
    this.rows = Math.ceil(height / this.cell) + 1;
  }

  #fill() {
    this.start = new Int32Array(this.columns * this.rows + 1);
    for (const fill of [false, true]) {
      const next = this.start.slice();
      for (let item = 0; item < this.count; item += 1) {
        const [c0, r0, c1, r1] = this.#cells(item);
        if ((c1 - c0 + 1) * (r1 - r0 + 1) > MOST_CELLS_OF_ONE) {
          if (!fill) this.wide.push(item);
          continue;
        }
        for (let r = r0; r <= r1; r += 1) {
          for (let c = c0; c <= c1; c += 1) {
            const cell = r * this.columns + c;
            if (fill) this.items[next[cell]++] = item;
            else this.start[cell + 1] += 1;
          }
        }
      }
      if (fill) break;
      for (let cell = 0; cell < this.columns * this.rows; cell += 1) this.start[cell + 1] += this.start[cell];
      this.items = new Int32Array(this.start[this.columns * this.rows]);
    }
  }

  /** First and last column and row of an item. @param {number} item */
  #cells(item) {
    const i = item * 4;
    return [this.#column(this.boxes[i]), this.#row(this.boxes[i + 1]), this.#column(this.boxes[i + 2]), this.#row(this.boxes[i + 3])];
  }

  /** @param {number} x */
  #column(x) {
    return Math.min(Math.max(Math.floor((x - this.bounds.left) / this.cell), 0), this.columns - 1);
  }

  /** @param {number} y */
  #row(y) {
    return Math.min(Math.max(Math.floor((y - this.bounds.top) / this.cell), 0), this.rows - 1);
  }

  /** Ascending. @param {Box} area @param {number} [limit] stop when there are more @returns {number[]} */
  find(area, limit = Infinity) {
    if (this.count === 0) return [];
    const { left, top, right, bottom } = this.bounds;
    const everything = area.left <= left && area.top <= top && area.right >= right && area.bottom >= bottom;
    if (everything && this.count <= limit) return Array.from({ length: this.count }, (_, item) => item);
    const found = this.wide.filter((item) => this.#touches(item, area));
    const [c0, c1, r0, r1] = [this.#column(area.left), this.#column(area.right), this.#row(area.top), this.#row(area.bottom)];
    for (let r = r0; r <= r1; r += 1) {
      for (let c = c0; c <= c1; c += 1) {
        const cell = r * this.columns + c;
        for (let i = this.start[cell]; i < this.start[cell + 1]; i += 1) {
          const item = this.items[i];
          if (!this.#isFirst(item, c, r, c0, r0) || !this.#touches(item, area)) continue;
          found.push(item);
          if (found.length > limit) return found;
        }
      }
    }
    return found.sort((a, b) => a - b);
  }

  /** Whether this cell is the first of those looked at that holds the item: each is found once.
   * @param {number} item @param {number} c @param {number} r @param {number} c0 @param {number} r0 */
  #isFirst(item, c, r, c0, r0) {
    return c === Math.max(this.#column(this.boxes[item * 4]), c0) && r === Math.max(this.#row(this.boxes[item * 4 + 1]), r0);
  }

  /** @param {number} item @param {Box} area */
  #touches(item, area) {
    const i = item * 4;
    const { boxes } = this;
    return boxes[i] <= area.right && boxes[i + 2] >= area.left && boxes[i + 1] <= area.bottom && boxes[i + 3] >= area.top;
  }
}
