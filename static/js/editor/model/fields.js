/** Setting single values: of a step, of the document. Undefined takes a value away, and what is empty without it. */

import { changeStep } from "./document.js";
import { isObject, pathOf, valueAt, withValueAt } from "./json.js";
import { renameStep } from "./steps.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./json.js").Path} Path
 */

/** Parts whose keys are people's own: an empty value in one is somebody's value. */
const OWN_KEYS = new Set(["parameters", "outputs", "layout"]);

/**
 * @param {Document} document @param {string} name the step
 * @param {Path | string} path ["parameters", "General/rows"]; as a text its parts are told by dots, so only for keys without
 * @param {any} value @returns {Document}
 */
export function setStepField(document, name, path, value) {
  const parts = partsOf(path);
  if (parts.length === 1 && parts[0] === "name") return renameStep(document, name, String(value));
  return changeStep(document, name, (step) => withField(step, parts, value));
}

/**
 * @param {Document} document @param {Path | string} path "defaults.queue", "steps[2].queue" as problems have it
 * @param {any} value @returns {Document}
 */
export function setField(document, path, value) {
  const [part, place, ...rest] = partsOf(path);
  const step = part === "steps" && typeof place === "number" ? document.steps[place] : null;
  if (step && rest.length) return setStepField(document, step.name, rest, value);
  return withField(document, partsOf(path), value);
}

/** @param {Path | string} path @returns {Path} */
const partsOf = (path) => (typeof path === "string" ? pathOf(path) : path);

/** @param {any} object @param {Path} path @param {any} value */
function withField(object, path, value) {
  let result = withValueAt(object, path, value);
  if (value !== undefined) return result;
  for (let length = path.length - 1; length > 0; length -= 1) {
    if (length > 1 && OWN_KEYS.has(String(path[0]))) continue;
    const above = path.slice(0, length);
    const left = valueAt(result, above);
    if (isObject(left) && !Object.keys(left).length) result = withValueAt(result, above, undefined);
  }
  return result;
}
