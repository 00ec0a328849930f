/** Reported values by title and series, as they come; and what a plot wants of them. Pure: no document. */

// What a browser draws without waiting; more is asked for anew, thinned out by the server.
const MOST_POINTS = 6_000;

/** @typedef {[number | null, number | null]} Point step and value */
/** @typedef {{title: string, series: string, count: number, first: number, newest: number, points: Point[]}} Told */

export class Reported {
  cursor = 0;
  /** @type {Map<string, Map<string, {count: number, points: Point[]}>>} by title, then by series */
  titles = new Map();

  /** Takes an answer. False: something was missed, or too much gathered, and all must be asked for anew. @param {Told[]} answer */
  take(answer) {
    for (const told of answer) {
      const series = this.#series(told);
      if (told.first !== series.count) return false;
      series.points.push(...told.points);
      series.count = told.count;
      this.cursor = Math.max(this.cursor, told.newest);
      if (series.points.length > MOST_POINTS) return false;
    }
    return true;
  }

  clear() {
    this.cursor = 0;
    this.titles.clear();
  }

  /** @param {Told} told */
  #series({ title, series }) {
    const ofTitle = this.titles.get(title) ?? new Map();
    this.titles.set(title, ofTitle);
    const found = ofTitle.get(series) ?? { count: 0, points: [] };
    ofTitle.set(series, found);
    return found;
  }
}

/**
 * Several lines over one axis: the steps in order, and for each line its values there, null where it has none.
 * Of two values at one step the later counts. Values without a step stand at their number.
 * @param {Point[][]} lines @param {boolean} [logarithmic] what cannot be drawn so is left out
 * @returns {[number[], ...(number | null)[][]]}
 */
export function aligned(lines, logarithmic = false) {
  const byLine = lines.map((points) => {
    /** @type {Map<number, number | null>} */
    const values = new Map();
    points.forEach(([step, value], number) => {
      const drawn = value !== null && Number.isFinite(value) && (!logarithmic || value > 0);
      values.set(step ?? number, drawn ? value : null);
    });
    return values;
  });
  const steps = [...new Set(byLine.flatMap((values) => [...values.keys()]))].sort((a, b) => a - b);
  return [steps, ...byLine.map((values) => steps.map((step) => values.get(step) ?? null))];
}

/** A number in few signs. @param {number | null | undefined} value */
export function short(value) {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}
