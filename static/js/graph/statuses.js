/**
 * The statuses as the browser knows them: word, letter in a snapshot, and what sort of state each is.
 * The rules about moves live on the server; here is only what drawing needs.
 */

/** @type {readonly string[]} */
export const STATUSES = Object.freeze([
  "draft", "pending", "awaiting", "queued", "running", "paused", "aborting",
  "completed", "cached", "skipped", "failed", "crashed", "aborted",
]);

const LETTERS = "dpwqrugchsfxa";

/** @param {string} word @returns {number} the status's place in STATUSES */
export function statusCode(word) {
  const code = STATUSES.indexOf(word);
  if (code < 0) throw new RangeError(`unknown status "${word}"`);
  return code;
}

/** @param {string} letter @returns {number} */
export function statusCodeOfLetter(letter) {
  const code = LETTERS.indexOf(letter);
  if (code < 0 || letter === "") throw new RangeError(`unknown status letter "${letter}"`);
  return code;
}

export const PENDING = statusCode("pending");

const FINAL = new Set(["completed", "cached", "skipped", "failed", "crashed", "aborted"]);
const CLOCKED = new Set(["running", "aborting"]);
const BAD = new Set(["failed", "crashed"]);

/** @param {string} word */
export const isFinal = (word) => FINAL.has(word);

/** Whether a step in this status has a running clock. @param {string} word */
export const isClocked = (word) => CLOCKED.has(word);

/** Whether a person should look at it first. @param {string} word */
export const isBad = (word) => BAD.has(word);
