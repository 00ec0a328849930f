/**
 * What was typed, as it was typed: `1.0` stays `1.0` though the document says 1, and a text that does not fit stays
 * beside what is wrong with it. Once the document says something else (undo, another tab), the document is right.
 */

import { same } from "../model/json.js";

export class Typed {
  /** @type {Map<string, {text: string, value: any, error: string}>} */
  #texts = new Map();

  /** @param {string} key @param {string} text @param {any} value what the document says then @param {string} [error] */
  keep(key, text, value, error = "") {
    this.#texts.set(key, { text, value, error });
  }

  /** @param {string} key */
  forget(key) {
    this.#texts.delete(key);
  }

  /** @param {string} key @param {any} value what the document says now @returns {{text: string, error: string} | null} */
  at(key, value) {
    const kept = this.#texts.get(key);
    if (!kept) return null;
    if (same(kept.value, value)) return kept;
    this.#texts.delete(key);
    return null;
  }
}
