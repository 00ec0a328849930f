/** A document without what goes without saying, as publishing writes it, so that only what is said otherwise differs. Pure. */

import { isObject, same } from "../model/json.js";
import { fullName } from "./form_model.js";

/**
 * @typedef {import("../model/document.js").Document} Document
 * @typedef {Record<string, any>} Schema
 */

/** Nulls and what equals a default are left out, keys stand as the schema lists them. @param {Document} document @param {Schema} schema @returns {Document} */
export function tidied(document, schema) {
  const tidy = withoutDefaults(document, schema);
  return { ...tidy, steps: (Array.isArray(tidy.steps) ? tidy.steps : []).map(tidiedStep) };
}

/** @param {any} value @param {Schema} schema @returns {any} */
function withoutDefaults(value, schema) {
  if (Array.isArray(value)) return value.map((inner) => withoutDefaults(inner, schema.items ?? {}));
  if (!isObject(value)) return value;
  const known = schema.properties ?? {};
  const keys = [...Object.keys(known).filter((key) => Object.hasOwn(value, key)), ...Object.keys(value).filter((key) => !Object.hasOwn(known, key))];
  const entries = keys.map((key) => [key, withoutDefaults(value[key], known[key] ?? {})]);
  return Object.fromEntries(entries.filter(([key, inner]) => schema.required?.includes(key) || !goesWithoutSaying(inner, known[key])));
}

/** @param {any} value @param {Schema | undefined} schema */
function goesWithoutSaying(value, schema) {
  if (!schema || !Object.keys(schema).length) return false;
  if (value === null) return true;
  if ("default" in schema) return same(value, schema.default);
  return schema.type === "object" && isObject(value) && !Object.keys(value).length;
}

/** @param {any} step */
function tidiedStep(step) {
  if (!isObject(step)) return step;
  const { kind = "task", parameters } = step;
  if (kind !== "task" || !isObject(parameters)) return step;
  return { ...step, parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [fullName(name), value])) };
}
