/**
 * The rows of a log that are in memory: those that were looked at last. Pure: fetching is given.
 * A row is a line, or with a filter the line that the filter has at that place.
 */

const SIZE = 200;
const MOST_CHUNKS = 40;

/** @typedef {{number: number, text: string, level: string, stream: string}} Line */
/** @typedef {[number, string, string, string]} Told a line as the server tells it */

export class LogRows {
  /** @param {(from: number, count: number) => Promise<Told[]>} fetchLines @param {{at: (place: number) => number, length: number} | null} [filter] */
  constructor(fetchLines, filter = null) {
    this.fetchLines = fetchLines;
    this.filter = filter;
    this.total = 0;
    this.open = -1;
    /** @type {Map<number, (Line | undefined)[]>} */
    this.chunks = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
  }

  get length() {
    return this.filter ? this.filter.length : this.total;
  }

  /** The line that a row shows. @param {number} row */
  lineOf(row) {
    return this.filter ? this.filter.at(row) : row;
  }

  /** @param {number} row */
  get(row) {
    return this.chunks.get(Math.floor(row / SIZE))?.[row % SIZE];
  }

  /** The log has grown: what was its last line may have gone on. @param {number} total @param {boolean} ended */
  grow(total, ended) {
    if (this.open >= 0 && !this.filter) {
      const chunk = this.chunks.get(Math.floor(this.open / SIZE));
      if (chunk) chunk[this.open % SIZE] = undefined;
    }
    this.total = total;
    this.open = ended ? -1 : total - 1;
  }

  /** Takes lines that came with other news. @param {Told[]} lines */
  put(lines) {
    if (this.filter) return;
    for (const line of lines) this.#chunk(Math.floor(line[0] / SIZE))[line[0] % SIZE] = lineFrom(line);
  }

  /** Fetches what is missing of some rows; true when something came. @param {number} first @param {number} last */
  async want(first, last) {
    const wanted = [];
    for (let k = Math.floor(first / SIZE); k <= Math.floor(last / SIZE); k += 1) {
      this.#chunk(k);
      if (!this.asked.has(k) && this.#hole(k) >= 0) wanted.push(this.#fill(k));
    }
    this.#forget();
    return (await Promise.all(wanted)).length > 0;
  }

  /** The first row of a chunk that is missing, or -1. @param {number} k */
  #hole(k) {
    const chunk = this.chunks.get(k) ?? [];
    const count = Math.min(SIZE, this.length - k * SIZE);
    for (let place = 0; place < count; place += 1) if (!chunk[place]) return place;
    return -1;
  }

  /** @param {number} k */
  async #fill(k) {
    this.asked.add(k);
    try {
      // Very long lines come in several answers.
      for (let place = this.#hole(k); place >= 0; place = this.#hole(k)) {
        const first = k * SIZE + place;
        const count = Math.min(SIZE - place, this.length - first);
        const lines = await this.fetchLines(this.lineOf(first), count);
        if (!lines.length) return;
        const chunk = this.#chunk(k);
        lines.forEach((line, n) => {
          if (place + n < SIZE) chunk[place + n] = lineFrom(line);
        });
      }
    } finally {
      this.asked.delete(k);
    }
  }

  /** @param {number} k */
  #chunk(k) {
    const chunk = this.chunks.get(k) ?? [];
    // Last in order: looked at last.
    this.chunks.delete(k);
    this.chunks.set(k, chunk);
    return chunk;
  }

  #forget() {
    for (const k of this.chunks.keys()) {
      if (this.chunks.size <= MOST_CHUNKS) return;
      this.chunks.delete(k);
    }
  }
}

/** @param {Told} told @returns {Line} */
const lineFrom = ([number, text, level, stream]) => ({ number, text, level, stream });
