/** Numbers of lines in order, as a search finds them part by part. Pure: no document. */

export class Hits {
  constructor() {
    this.numbers = new Uint32Array(1024);
    this.length = 0;
    /** before this line everything was searched */
    this.to = 0;
  }

  /** @param {number} place */
  at(place) {
    return this.numbers[place];
  }

  /** Takes an answer of the search; what it says again replaces what was known. @param {{from: number, to: number, steps: number[]}} found */
  add({ from, to, steps }) {
    this.length = this.after(from);
    if (this.length + steps.length > this.numbers.length) {
      const larger = new Uint32Array(2 * (this.length + steps.length));
      larger.set(this.numbers.subarray(0, this.length));
      this.numbers = larger;
    }
    let line = from;
    for (const step of steps) {
      line += step;
      this.numbers[this.length] = line;
      this.length += 1;
    }
    this.to = to;
  }

  /** The place of the first that is not before a line. @param {number} line */
  after(line) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.numbers[middle] < line) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {number} line */
  has(line) {
    const place = this.after(line);
    return place < this.length && this.numbers[place] === line;
  }
}
