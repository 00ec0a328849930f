/**
 * A document as YAML to be read, and which lines of a text belong to which step. Writing only: what people bring is
 * read by the server. Pure.
 */

const PLAIN = /^[A-Za-z_][A-Za-z0-9_ ./-]*$/;
const WORDS = new Set(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"]);
const WIDTH = 100;

/** @param {any} value @returns {string} */
export function writeYaml(value) {
  const text = isNested(value) && !Array.isArray(value) && Object.keys(value).length ? map(value, 0) : block(value, 0);
  return `${text}\n`;
}

/** @param {any} value @param {number} depth @returns {string} */
function block(value, depth) {
  if (!isNested(value)) return scalar(value);
  const flow = flowOf(value);
  if (flow !== null && flow.length + depth * 2 <= WIDTH && isFlat(value)) return flow;
  return Array.isArray(value) ? list(value, depth) : map(value, depth);
}

/** @param {any[]} values @param {number} depth */
function list(values, depth) {
  const pad = "  ".repeat(depth);
  return values.map((item, place) => `${place ? pad : ""}- ${block(item, depth + 1)}`).join("\n");
}

/** @param {Record<string, any>} object @param {number} depth */
function map(object, depth) {
  const pad = "  ".repeat(depth);
  return Object.entries(object).map(([key, value], place) => {
    const text = block(value, depth + 1);
    const below = text.includes("\n") || (isNested(value) && !/^[[{]/.test(text));
    return `${place ? pad : ""}${scalar(key)}:${below && isNested(value) ? `\n${pad}  ${text}` : ` ${text}`}`;
  }).join("\n");
}

/** @param {any} value */
const isNested = (value) => typeof value === "object" && value !== null;

/** Of single values only, so that it reads well in one line. @param {any} value */
const isFlat = (value) => Object.values(value).every((inner) => !isNested(inner) || (Array.isArray(inner) && inner.length < 8 && inner.every((one) => !isNested(one))));

/** @param {any} value @returns {string | null} in one line, if it is short */
function flowOf(value) {
  if (!isNested(value)) return scalar(value, true);
  const parts = Array.isArray(value)
    ? value.map(flowOf)
    : Object.entries(value).map(([key, inner]) => `${scalar(key, true)}: ${flowOf(inner)}`);
  const text = parts.join(", ");
  if (text.length > WIDTH) return null;
  return Array.isArray(value) ? `[${text}]` : `{${text}}`;
}

/** @param {any} value @param {boolean} [inFlow] @returns {string} */
function scalar(value, inFlow = false) {
  if (typeof value !== "string") return JSON.stringify(value);
  const plain = PLAIN.test(value) && !WORDS.has(value.toLowerCase()) && !value.endsWith(" ");
  return plain && !(inFlow && value.includes(",")) ? value : JSON.stringify(value);
}

/**
 * The text of a document with the lines of each step: one step after the other, so that each line's step is known
 * by writing, not by searching.
 * @param {any} document @param {"yaml" | "json"} format @returns {{lines: string[], steps: (string | null)[]}}
 */
export function linesOf(document, format) {
  const write = format === "yaml" ? (/** @type {any} */ value) => writeYaml(value).trimEnd() : (/** @type {any} */ value) => JSON.stringify(value, null, 2);
  /** @type {string[]} */
  const lines = [];
  /** @type {(string | null)[]} */
  const steps = [];
  const add = (/** @type {string} */ text, /** @type {string | null} */ step) => {
    for (const line of text.split("\n")) {
      lines.push(line);
      steps.push(step);
    }
  };
  const entries = Object.entries(document);
  if (format === "json") add("{", null);
  entries.forEach(([key, value], place) => {
    const comma = format === "json" && place < entries.length - 1 ? "," : "";
    if (key === "steps" && Array.isArray(value) && value.length) addSteps(value, format, write, add, comma);
    else if (format === "yaml") add(map({ [key]: value }, 0), null);
    else add(`  ${JSON.stringify(key)}: ${write(value).replaceAll("\n", "\n  ")}${comma}`, null);
  });
  if (format === "json") add("}", null);
  return { lines, steps };
}

/**
 * @param {any[]} values @param {"yaml" | "json"} format @param {(value: any) => string} write
 * @param {(text: string, step: string | null) => void} add @param {string} comma
 */
function addSteps(values, format, write, add, comma) {
  add(format === "yaml" ? "steps:" : '  "steps": [', null);
  values.forEach((step, place) => {
    const name = typeof step?.name === "string" ? step.name : null;
    if (format === "yaml") add(`  ${write([step]).replaceAll("\n", "\n  ")}`, name);
    else add(`    ${write(step).replaceAll("\n", "\n    ")}${place < values.length - 1 ? "," : ""}`, name);
  });
  if (format === "json") add(`  ]${comma}`, null);
}
