/** The colours of a terminal as classes. Pure: no document. */

const ESCAPE = new RegExp("\\u001b(?:\\[([0-9;:?]*)[ -/]*([@-~])|\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)|[@-Z\\\\-_])", "g");
const TAB = 8;
/** @type {Record<number, string>} */
const STYLES = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "struck" };
/** @type {Record<number, string[]>} */
const ENDS = { 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["struck"] };

/** @typedef {{text: string, classes: string}} Run a stretch of one look; classes are parted by spaces */

/** Parts a line where its look changes. @param {string} line @returns {Run[]} */
export function runsOf(line) {
  const text = spread(line);
  if (!text.includes("\u001b")) return [{ text, classes: "" }];
  const look = new Look();
  /** @type {Run[]} */
  const runs = [];
  let from = 0;
  for (const found of text.matchAll(ESCAPE)) {
    if (found.index > from) runs.push({ text: text.slice(from, found.index), classes: look.classes });
    from = found.index + found[0].length;
    if (found[2] === "m") look.take(found[1]);
  }
  if (from < text.length) runs.push({ text: text.slice(from), classes: look.classes });
  return runs;
}

/** What can be read of a line. @param {string} line */
export function plain(line) {
  return spread(line).replace(ESCAPE, "");
}

/** Tabs as spaces up to the next stop. @param {string} line */
function spread(line) {
  if (!line.includes("\t")) return line;
  let text = "";
  let width = 0;
  for (const part of line.split(/(\t)/)) {
    const add = part === "\t" ? " ".repeat(TAB - (width % TAB)) : part;
    text += add;
    width += part === "\t" ? add.length : part.replace(ESCAPE, "").length;
  }
  return text;
}

class Look {
  /** @type {Set<string>} */
  styles = new Set();
  ink = "";
  ground = "";

  get classes() {
    return [...this.styles, this.ink, this.ground].filter(Boolean).map((name) => `ansi-${name}`).join(" ");
  }

  /** @param {string} codes */
  take(codes) {
    const numbers = codes.split(/[;:]/).map(Number);
    for (let at = 0; at < numbers.length; at += 1) {
      const code = numbers[at];
      if (code === 38 || code === 48) {
        at += this.#extended(code === 38 ? "ink" : "ground", numbers.slice(at + 1));
      } else this.#one(code);
    }
  }

  /** @param {number} code */
  #one(code) {
    if (code === 0) {
      this.styles.clear();
      this.ink = this.ground = "";
    } else if (STYLES[code]) this.styles.add(STYLES[code]);
    else if (ENDS[code]) for (const style of ENDS[code]) this.styles.delete(style);
    else if (code >= 30 && code <= 37) this.ink = `ink-${code - 30}`;
    else if (code >= 90 && code <= 97) this.ink = `ink-${code - 90}`;
    else if (code === 39) this.ink = "";
    else if (code >= 40 && code <= 47) this.ground = `ground-${code - 40}`;
    else if (code >= 100 && code <= 107) this.ground = `ground-${code - 100}`;
    else if (code === 49) this.ground = "";
  }

  /** Of 256 and of millions of colours: the nearest of the eight. @param {"ink" | "ground"} of @param {number[]} rest @returns {number} how many were read */
  #extended(of, rest) {
    if (rest[0] === 5) {
      this[of] = `${of}-${nearestOf256(rest[1] ?? 7)}`;
      return 2;
    }
    if (rest[0] !== 2) return 0;
    this[of] = `${of}-${nearest(rest[1] ?? 0, rest[2] ?? 0, rest[3] ?? 0)}`;
    return 4;
  }
}

/** @param {number} code */
function nearestOf256(code) {
  if (code < 16) return code % 8;
  if (code > 231) return code > 243 ? 7 : 0;
  const level = (/** @type {number} */ part) => part * 51;
  const cube = code - 16;
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** @param {number} red @param {number} green @param {number} blue */
function nearest(red, green, blue) {
  const middle = Math.max(red, green, blue) / 2;
  if (middle < 32) return 0;
  return (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
}
