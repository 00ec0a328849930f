/** What the last run gave: the values behind references, asked for once somebody looks at a reference. */

/**
 * @typedef {import("../model/references.js").Reference} Reference
 * @typedef {{status?: string, parameters?: Record<string, any>, outputs?: Record<string, any>,
 *   artifacts?: Record<string, any>, metrics?: Record<string, Record<string, any>>, run?: number}} Given what one step gave,
 *   in the newest run in which it came to a good end
 * @typedef {{value: any, words?: string, run?: number}} Last `run`: when it is not the last one's
 * @typedef {{run: {number: number} | null, steps: Record<string, Given>, pipeline: Record<string, any>}} Known
 */

/** @type {Known} */
export const NOTHING_KNOWN = { run: null, steps: {}, pipeline: {} };
const FRESH_MS = 30_000;

/** @type {WeakMap<object, LastValues>} */
const known = new WeakMap();

export class LastValues extends EventTarget {
  /** @param {object} session @param {import("./panel.js").Api} api */
  static of(session, api) {
    const found = known.get(session) ?? new LastValues(api);
    known.set(session, found);
    return found;
  }

  /** @param {import("./panel.js").Api} api */
  constructor(api) {
    super();
    this.api = api;
    this.asked = -FRESH_MS;
    /** @type {Known} */
    this.known = NOTHING_KNOWN;
  }

  /** What is known by now; asks again when that is old. */
  now() {
    if (performance.now() - this.asked > FRESH_MS) void this.ask();
    return this.known;
  }

  async ask() {
    this.asked = performance.now();
    try {
      this.known = { ...NOTHING_KNOWN, ...(await this.api.get("references/")) };
      this.dispatchEvent(new Event("news"));
    } catch {
      // A picker without values is still one; it asks again later.
    }
  }
}

/**
 * What a reference gave, if that is known; `words` say it better than the value where that is an address.
 * @param {Known} known @param {Reference} reference @returns {Last | null}
 */
export function valueOf(known, reference) {
  const { source, what, path, step, each } = reference;
  if (source === "item" || each) return null;
  if (source === "pipeline") return what === "parameters" ? own(known.pipeline, path) : null;
  const given = known.steps[step ?? ""];
  const found = given ? valueIn(given, reference) : null;
  const older = given?.run !== undefined && given.run !== known.run?.number;
  return found && older ? { ...found, run: given.run } : found;
}

/** @param {Given} given @param {Reference} reference @returns {Last | null} */
function valueIn(given, { what, path }) {
  if (what === "status") return given.status === undefined ? null : { value: given.status };
  if (what === "artifacts") return artifact(given.artifacts ?? {}, path);
  const held = /** @type {any} */ (given)[what];
  return held ? own(held, path) : null;
}

/** @param {Record<string, any>} artifacts @param {string[]} path @returns {Last | null} */
function artifact(artifacts, [name, fact]) {
  const found = own(artifacts, [name]);
  if (!found || typeof found.value !== "object" || !found.value) return found;
  if (fact) return own(found.value, [fact]);
  const { url, kind, size } = found.value;
  const words = [kind, typeof size === "number" ? sizeInWords(size) : ""].filter(Boolean).join(", ");
  return { value: url, ...(words && { words }) };
}

/** A size as the other pages write it. @param {number} bytes */
export function sizeInWords(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let amount = bytes;
  while (amount >= 1000 && units.length > 1) {
    amount /= 1000;
    units.shift();
  }
  return `${amount.toFixed(units[0] === "B" ? 0 : 1)} ${units[0]}`;
}

/** @param {any} object @param {string[]} path @returns {{value: any} | null} */
function own(object, path) {
  let here = object;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return null;
    here = here[part];
  }
  return { value: here };
}
