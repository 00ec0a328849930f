/** What the last run gave: the values behind references, asked for once somebody looks at a reference. */

/**
 * @typedef {import("../model/references.js").Reference} Reference
 * @typedef {{status?: string, parameters?: Record<string, any>, outputs?: Record<string, any>,
 *   artifacts?: Record<string, any>, metrics?: Record<string, Record<string, any>>}} Given what one step gave
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

/** What a reference gave, if that is known. @param {Known} known @param {Reference} reference @returns {{value: any} | null} */
export function valueOf(known, { source, what, path, step, each }) {
  if (source === "item" || each) return null;
  if (source === "pipeline") return what === "parameters" ? own(known.pipeline, path) : null;
  const given = known.steps[step ?? ""];
  if (!given) return null;
  if (what === "status") return given.status === undefined ? null : { value: given.status };
  if (what === "artifacts") return artifact(given.artifacts ?? {}, path);
  const held = /** @type {any} */ (given)[what];
  return held ? own(held, path) : null;
}

/** @param {Record<string, any>} artifacts @param {string[]} path */
function artifact(artifacts, [name, fact = "url"]) {
  const found = own(artifacts, [name]);
  if (!found || typeof found.value !== "object" || !found.value) return found;
  return own(found.value, [fact]);
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
