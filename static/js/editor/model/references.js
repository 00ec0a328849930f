/**
 * References in a document's values, ``${load.outputs.rows}``: found, renamed, written. The twin of
 * orchestrator/domain/references.py, checked against tests/scenarios/references; why one cannot be read, the server tells.
 */

/**
 * @typedef {"id" | "status" | "parameters" | "artifacts" | "metrics" | "models" | "outputs" | "run" | "item"} What
 * @typedef {{source: "pipeline" | "step" | "item", what: What, path: string[], step: string | null, each: boolean}} Reference
 * @typedef {{reference: Reference, from: number, to: number, parts: [from: number, to: number][]}} Found where in the text
 * @typedef {(reference: Reference) => readonly [part: number, name: string] | null} Naming which part of a reference gets which name
 */

const LONGEST = 1024;
const MOST = 1000;
const DEEPEST = 64;
const PART = /`((?:[^`]|``)+)`|((?:[\p{L}\p{N}_\-/]|\\\.)+)/uy;
const PLAIN = /^[\p{L}\p{N}_-]+$/u;
const START = /\$\$\{|\$\{/g;
const EACH = "[*]";

class Unreadable extends Error {}

/** What may follow each word after a step's name. @type {Record<string, (path: string[]) => boolean>} */
const WORDS = {
  id: (path) => !path.length,
  status: (path) => !path.length,
  parameters: (path) => path.length === 1,
  artifacts: (path) => path.length === 1 || (path.length === 2 && ["url", "size", "hash"].includes(path[1])),
  metrics: (path) => path.length === 2,
  models: (path) =>
    path.length === 3 && ["input", "output"].includes(path[0]) && ["url", "id", "name"].includes(path[2]),
  outputs: (path) => path.length === 1,
};

/** The words that mean something after a step's name; any other single word is an output. */
export const STEP_WORDS = Object.freeze(Object.keys(WORDS));

/**
 * Splits a text into literal parts and references; null when one of them cannot be read.
 * @param {string} text @returns {(string | Reference)[] | null}
 */
export function piecesOf(text) {
  const found = readAll(text);
  if (!found) return null;
  const pieces = [];
  let place = 0;
  for (const { reference, from, to } of [...found, { reference: null, from: text.length, to: 0 }]) {
    const literal = text.slice(place, from).replaceAll("$${", "${");
    if (literal) pieces.push(literal);
    if (reference) pieces.push(reference);
    place = to;
  }
  return pieces;
}

/**
 * The references of a value at any depth, in order and as they are written; texts that cannot be read give none.
 * @param {any} value @returns {(Reference & {text: string})[]}
 */
export function referencesIn(value) {
  /** @type {(Reference & {text: string})[]} */
  const found = [];
  eachText(value, (text) => {
    for (const { reference, from, to } of readAll(text) ?? []) found.push({ ...reference, text: text.slice(from, to) });
  });
  return found;
}

/**
 * The step that a reference looks at, be it read already or a text that is nothing else.
 * @param {Reference | string} reference @returns {string | null}
 */
export function stepOf(reference) {
  if (typeof reference !== "string") return reference.step;
  const pieces = piecesOf(reference);
  const [only] = pieces ?? [];
  return pieces?.length === 1 && typeof only !== "string" ? only.step : null;
}

/** The steps that a value refers to, each once. @param {any} value @returns {string[]} */
export function stepsIn(value) {
  const names = new Set();
  for (const { step } of referencesIn(value)) if (step !== null) names.add(step);
  return [...names];
}

/**
 * The value with references to one step pointing to another name, all else as it was.
 * A text with a reference that cannot be read is left alone: its author must see it.
 * @template T @param {T} value @param {string} from @param {string} to @returns {T}
 */
export const rewritten = (value, from, to) => renamed(value, new Map([[from, to]]));

/**
 * The same for several names at once.
 * @template T @param {T} value @param {ReadonlyMap<string, string>} names @returns {T}
 */
export function renamed(value, names) {
  if (!names.size) return value;
  return withNames(value, ({ step }) => (step !== null && names.has(step) ? [0, names.get(step) ?? step] : null));
}

/**
 * The value with references to a parameter of the run pointing to its new name.
 * @template T @param {T} value @param {string} from @param {string} to @returns {T}
 */
export function rewrittenParameter(value, from, to) {
  return withNames(value, ({ source, what, path }) =>
    source === "pipeline" && what === "parameters" && path[0] === from ? [1, to] : null);
}

/** Writes a reference: written("train a", ["outputs", "score"]). @param {string} step @param {readonly string[]} rest */
export function written(step, rest) {
  const [word, ...path] = rest;
  const parts = path.map((part) => quoted(part, word === "parameters"));
  return `\${${[quoted(step), word, ...parts].join(".")}}`;
}

/** Writes a reference to a parameter of the run. @param {string} name */
export const writtenParameter = (name) => `\${pipeline.${quoted(name)}}`;

/** @param {string} part @param {boolean} [slash] */
function quoted(part, slash = false) {
  return PLAIN.test(slash ? part.replaceAll("/", "") : part) ? part : `\`${part.replaceAll("`", "``")}\``;
}

/** @template T @param {T} value @param {Naming} naming @returns {T} */
const withNames = (value, naming) => mapTexts(value, (text) => textWithNames(text, naming));

/** @param {string} text @param {Naming} naming */
function textWithNames(text, naming) {
  let result = "";
  let place = 0;
  for (const { reference, parts } of readAll(text) ?? []) {
    const named = naming(reference);
    if (!named) continue;
    const [from, to] = parts[named[0]];
    result += text.slice(place, from) + quoted(named[1]);
    place = to;
  }
  return result + text.slice(place);
}

/** @param {any} value @param {(text: string) => void} look @param {number} [depth] */
function eachText(value, look, depth = 0) {
  if (typeof value === "string") {
    if (value.includes("${")) look(value);
  } else if (typeof value === "object" && value !== null && depth < DEEPEST) {
    for (const inner of Object.values(value)) eachText(inner, look, depth + 1);
  }
}

/** @param {any} value @param {(text: string) => string} change @param {number} [depth] @returns {any} */
function mapTexts(value, change, depth = 0) {
  if (typeof value === "string") return value.includes("${") ? change(value) : value;
  if (typeof value !== "object" || value === null || depth >= DEEPEST) return value;
  if (Array.isArray(value)) {
    const list = value.map((inner) => mapTexts(inner, change, depth + 1));
    return list.every((inner, place) => inner === value[place]) ? value : list;
  }
  const entries = Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change, depth + 1)]);
  return entries.every(([key, inner]) => inner === value[key]) ? value : Object.fromEntries(entries);
}

/** Every reference of a text, or null when one cannot be read. @param {string} text @returns {Found[] | null} */
function readAll(text) {
  const found = [];
  START.lastIndex = 0;
  try {
    for (let match = START.exec(text); match; match = START.exec(text)) {
      if (match[0] === "$${") continue;
      if (found.length >= MOST) return null;
      const one = read(text, match.index);
      found.push(one);
      START.lastIndex = one.to;
    }
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
  return found;
}

/**
 * Reads the reference that begins here: parts, dots between them, a closing brace.
 * @param {string} text @param {number} from @returns {Found}
 */
function read(text, from) {
  const inside = text.slice(from, from + lengthOf(text, from));
  const words = [];
  /** @type {Found["parts"]} */
  const parts = [];
  let place = 2;
  let each = false;
  for (let sign = "."; sign !== "}"; place += 1) {
    if (sign !== ".") throw new Unreadable();
    PART.lastIndex = place;
    const match = PART.exec(inside);
    if (!match) throw new Unreadable();
    words.push(match[1] === undefined ? match[2].replaceAll("\\.", ".") : match[1].replaceAll("``", "`"));
    parts.push([from + place, from + PART.lastIndex]);
    place = PART.lastIndex;
    if (words.length === 1 && inside.startsWith(EACH, place)) {
      each = true;
      place += EACH.length;
    }
    sign = inside.charAt(place);
  }
  return { reference: meaning(words, each), from, to: from + place, parts };
}

/**
 * How many units the longest reference takes here: its length is counted in characters.
 * @param {string} text @param {number} from
 */
function lengthOf(text, from) {
  let units = 0;
  for (let count = 0; count < LONGEST && from + units < text.length; count += 1) {
    units += (text.codePointAt(from + units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}

/** @param {string[]} parts @param {boolean} each @returns {Reference} */
function meaning(parts, each) {
  const [first, ...rest] = parts;
  if (first !== "pipeline" && first !== "item") return meaningInStep(first, rest, each);
  if (each) throw new Unreadable();
  if (first === "item") return { source: "item", what: "item", path: rest, step: null, each };
  const isRunId = rest.length === 2 && rest[0] === "run" && rest[1] === "id";
  if (isRunId) return { source: "pipeline", what: "run", path: ["id"], step: null, each };
  if (rest.length !== 1) throw new Unreadable();
  return { source: "pipeline", what: "parameters", path: rest, step: null, each };
}

/** @param {string} step @param {string[]} rest @param {boolean} each @returns {Reference} */
function meaningInStep(step, rest, each) {
  const [word, ...path] = rest;
  if (word === undefined) throw new Unreadable();
  if (!Object.hasOwn(WORDS, word)) {
    if (path.length) throw new Unreadable();
    return { source: "step", what: "outputs", path: [word], step, each };
  }
  if (!WORDS[word](path)) throw new Unreadable();
  const whole = word === "parameters" && !path[0].includes("/") ? [`General/${path[0]}`] : path;
  return { source: "step", what: /** @type {What} */ (word), path: whole, step, each };
}
