/**
 * A log as lines: pieces in, lines out, with the rows that each line takes at a width. Pure: no document.
 * Colour codes are taken out; a carriage return begins its line anew, as progress bars mean it.
 */

// CSI and OSC sequences, and single-character escapes.
const ESCAPES = new RegExp("\\u001b(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)|[@-Z\\\\-_])", "g");
const TAB = 8;

/** @typedef {{stream: string, byte_from: number, line_from: number, text: string}} Piece */

export class LogLines {
  constructor() {
    /** @type {string[]} */
    this.texts = [];
    /** @type {string[]} */
    this.streams = [];
    /** @type {string} what has come of the last line, which is not ended yet */
    this.open = "";
    this.isOpen = false;
    /** how many characters fit in a row; 0: lines are not wrapped */
    this.columns = 0;
    /** @type {number[]} the row at which each line begins, and at the end how many there are */
    this.rowStarts = [0];
  }

  get length() {
    return this.texts.length;
  }

  get rows() {
    return this.rowStarts[this.texts.length];
  }

  /** @param {Piece} piece @returns {number} the first line that has changed */
  add(piece) {
    const continues = this.isOpen && this.streams[this.streams.length - 1] === piece.stream;
    const first = continues ? this.texts.length - 1 : this.texts.length;
    const lines = ((continues ? this.open : "") + piece.text).split("\n");
    const rest = lines.pop() ?? "";
    if (continues) this.#drop();
    for (const line of lines) this.#push(line, piece.stream);
    this.open = rest;
    this.isOpen = rest !== "";
    if (this.isOpen) this.#push(rest, piece.stream);
    return first;
  }

  /** @param {number} columns 0: not wrapped */
  wrapAt(columns) {
    if (columns === this.columns) return;
    this.columns = columns;
    this.rowStarts = [0];
    for (const text of this.texts) this.rowStarts.push(this.rows0() + this.rowsOf(text));
  }

  rows0() {
    return this.rowStarts[this.rowStarts.length - 1];
  }

  /** @param {string} text */
  rowsOf(text) {
    return this.columns ? Math.max(1, Math.ceil(text.length / this.columns)) : 1;
  }

  /** The line that a row belongs to. @param {number} row */
  lineAt(row) {
    let low = 0;
    let high = this.texts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.rowStarts[middle] <= row) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }

  /** The lines that hold some words, whatever their case. @param {string} words @returns {number[]} */
  find(words) {
    const wanted = words.toLowerCase();
    /** @type {number[]} */
    const found = [];
    if (!wanted) return found;
    this.texts.forEach((text, line) => {
      if (text.toLowerCase().includes(wanted)) found.push(line);
    });
    return found;
  }

  /** @param {string} raw @param {string} stream */
  #push(raw, stream) {
    const text = shown(raw);
    this.texts.push(text);
    this.streams.push(stream);
    this.rowStarts.push(this.rows0() + this.rowsOf(text));
  }

  #drop() {
    this.texts.pop();
    this.streams.pop();
    this.rowStarts.pop();
  }
}

/** What of a line is shown. @param {string} raw */
export function shown(raw) {
  let text = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
  if (text.includes("\u001b")) text = text.replace(ESCAPES, "");
  const restart = text.lastIndexOf("\r");
  if (restart >= 0) text = text.slice(restart + 1);
  if (!text.includes("\t")) return text;
  let spread = "";
  for (const part of text.split(/(\t)/)) spread += part === "\t" ? " ".repeat(TAB - (spread.length % TAB)) : part;
  return spread;
}
