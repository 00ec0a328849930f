/** A line of YAML or JSON in words with their kinds: key, string, number, word. Pure. */

const WORD = /("(?:\\.|[^"\\])*")(\s*:)?|(\$\{[^}]*\})|([A-Za-z_][\w ./-]*?)(:)(?=\s|$)|(-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|\b(true|false|null)\b/g;

/** A longer line stays plain: looking for keys in it would take as long as it is, squared. */
const LONGEST = 2000;

/** @param {string} line @returns {[kind: "" | "key" | "string" | "number" | "word", text: string][]} */
export function wordsOf(line) {
  if (line.length > LONGEST) return [["", line]];
  /** @type {[any, string][]} */
  const words = [];
  let at = 0;
  const add = (/** @type {string} */ kind, /** @type {string} */ text) => text && words.push([kind, text]);
  for (const match of line.matchAll(WORD)) {
    const [all, quoted, colon, reference, key, , number, word] = match;
    add("", line.slice(at, match.index));
    if (quoted) add(colon ? "key" : "string", quoted);
    else if (key) add("key", key);
    else add(reference ? "string" : number ? "number" : word ? "word" : "", all);
    if (quoted && colon) add("", colon);
    if (key) add("", ":");
    at = match.index + all.length;
  }
  add("", line.slice(at));
  return words;
}
