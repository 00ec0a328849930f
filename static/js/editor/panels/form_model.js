/** What a form shows: fields made from a template's parameters or from the document's JSON schema. Pure. */

/**
 * @typedef {import("./values.js").Kind} Kind
 * @typedef {{name: string, type?: string, default?: any, required?: boolean, choices?: any[], minimum?: number,
 *   maximum?: number, help?: string, section?: string}} Spec a parameter as it was declared
 * @typedef {Record<string, any>} Schema
 * @typedef {"value" | "words" | "set" | "rows" | "map" | "group"} Shape how it is filled in: one value, a list of
 *   words, a choice of several, rows of groups, names with values, several fields together
 * @typedef {{key: string, path: string[], label: string, help: string, shape: Shape, kind: Kind, value: any,
 *   long: boolean, fields: Field[], schema: Schema, fixed?: boolean, undo?: string,
 *   chosen?: (value: any) => void}} Field `fixed`: it has no default to go
 *   back to; `undo`: the word for going back, when it is not *Reset*; `chosen`: what choosing does, when it is more than setting
 * @typedef {{heading: string, fields: Field[]}} Section
 */

const GENERAL = "General";
const LONG = new Set(["comment", "code", "help"]);
/** @type {Record<string, Kind["type"]>} */
const TYPES = { string: "string", integer: "integer", number: "number", boolean: "boolean", choice: "choice", json: "json" };

/** A parameter's name with its section: `rows` is `General/rows`. @param {string} name */
export const fullName = (name) => (name.includes("/") ? name : `${GENERAL}/${name}`);

/**
 * The parameters of a step's template by section, in the order of their declaration.
 * @param {Spec[]} specs @param {Record<string, any>} given @returns {Section[]}
 */
export function parameterSections(specs, given) {
  /** @type {Map<string, Section>} */
  const sections = new Map();
  for (const spec of specs) {
    const field = parameterField(spec, given);
    const heading = spec.section || spec.name.split("/").slice(0, -1).join("/") || GENERAL;
    const section = sections.get(heading) ?? { heading, fields: [] };
    section.fields.push(field);
    sections.set(heading, section);
  }
  return [...sections.values()];
}

/** @param {Spec} spec @param {Record<string, any>} given @returns {Field} */
function parameterField(spec, given) {
  const name = Object.keys(given).find((key) => key === spec.name || fullName(key) === fullName(spec.name)) ?? spec.name;
  return {
    ...plainField(["parameters", name], kindOfSpec(spec)),
    label: spec.name.split("/").at(-1) ?? spec.name,
    help: spec.help ?? "",
    value: given[name],
  };
}

/** @param {Spec} spec @returns {Kind} */
export function kindOfSpec(spec) {
  const type = TYPES[spec.type ?? "string"] ?? "any";
  const { required, choices, minimum, maximum } = spec;
  return { type, default: spec.default ?? undefined, required, choices: Array.isArray(choices) && choices.length ? choices : undefined, minimum, maximum };
}

/** What a step gives that its template does not know. @param {Spec[]} specs @param {Record<string, any>} given @returns {string[]} */
export function strangers(specs, given) {
  const known = new Set(specs.map(({ name }) => fullName(name)));
  return Object.keys(given).filter((name) => !known.has(fullName(name)));
}

/**
 * The fields of an object that a schema describes; what the engine cannot do yet is not among them.
 * @param {Schema} schema @param {Record<string, any>} value @param {{without?: string[], path?: string[], kind?: string}} [options]
 * `kind` of step: what is for others is not among them either @returns {Field[]}
 */
export function schemaFields(schema, value, { without = [], path = [], kind } = {}) {
  const needed = schema.required ?? [];
  return Object.entries(schema.properties ?? {})
    .filter(([name, inner]) => offered(inner, kind) && !without.includes(name))
    .filter(([name, inner]) => value?.[name] !== undefined || isMeant(schema, inner, value))
    .map(([name, inner]) => schemaField(inner, value?.[name], [...path, name], needed.includes(name)));
}

/**
 * True when a key is of use beside the others: some are for some words of another key only (`x-when`).
 * @param {Schema} schema @param {Schema} inner @param {Record<string, any>} value
 */
export function isMeant(schema, inner, value) {
  return Object.entries(inner["x-when"] ?? {}).every(([name, wanted]) => {
    const other = schema.properties?.[name] ?? {};
    return [wanted].flat().includes(value?.[name] ?? other.default ?? other.enum?.[0]);
  });
}

/**
 * The fields with what the pipeline says for steps that do not say it themselves.
 * @param {Field[]} fields @param {any} defaults by the fields' names @returns {Field[]}
 */
export function withDefaults(fields, defaults) {
  if (!defaults || typeof defaults !== "object") return fields;
  return fields.map((field) => {
    const usual = defaults[field.path[field.path.length - 1]];
    if (usual === undefined) return field;
    if (field.shape === "group") return { ...field, fields: withDefaults(field.fields, usual) };
    return { ...field, kind: { ...field.kind, default: usual } };
  });
}

/** @param {Schema} schema @param {string} [kind] of step */
export const offered = (schema, kind) =>
  schema["x-supported"] !== false && (kind === undefined || !schema["x-kinds"] || schema["x-kinds"].includes(kind));

/**
 * Keys that stand in an object though they are not offered: not supported, not for this kind of step, or of somebody
 * else's (`x-…`).
 * @param {Schema} schema @param {Record<string, any>} value @param {string} [kind] @returns {{name: string, kept: boolean}[]}
 */
export function others(schema, value, kind) {
  const known = schema.properties ?? {};
  return Object.keys(value ?? {})
    .filter((name) => !known[name] || !offered(known[name], kind))
    .map((name) => ({ name, kept: name.startsWith("x-") }));
}

/** @param {Schema} schema @param {any} value @param {string[]} path @param {boolean} [required] @returns {Field} */
export function schemaField(schema, value, path, required = false) {
  const name = path.at(-1) ?? "";
  const field = {
    ...plainField(path, { ...kindOfSchema(schema, value), required }),
    label: schema.title ?? worded(name), help: schema.description ?? "", value, schema, long: LONG.has(name),
  };
  const shape = shapeOf(schema);
  if (shape !== "group") return { ...field, shape };
  return { ...field, shape, fields: schemaFields(schema, value ?? {}, { path }) };
}

/** @param {Schema} schema @returns {Shape} */
function shapeOf(schema) {
  if (schema.type === "object") return schema.properties ? "group" : "map";
  if (schema.type !== "array") return "value";
  const items = schema.items ?? {};
  if (items.enum) return "set";
  if (items.type === "object" && items.properties) return "rows";
  return items.type === "string" ? "words" : "value";
}

/**
 * Of the words that only scripts write (`x-unoffered`) the one that stands there.
 * @param {Schema} schema @param {any} [value] @returns {Kind}
 */
export function kindOfSchema(schema, value) {
  const { minimum, maximum } = schema;
  const isOffered = (/** @type {any} */ one) => one === value || !schema["x-unoffered"]?.includes(one);
  const choices = schema.enum
    ?.filter((/** @type {any} */ one) => schema["x-supported-values"]?.includes(one) ?? true)
    .filter(isOffered);
  const type = choices ? "choice" : TYPES[schema.type] ?? (schema.type ? "json" : "any");
  return { type, default: schema.default, choices, minimum, maximum, above: schema.exclusiveMinimum, filled: schema.minLength > 0, worded: Boolean(choices) };
}

/** @param {string[]} path @param {Kind} kind @returns {Field} */
function plainField(path, kind) {
  return {
    key: path.join(" › "), path, kind, label: path.at(-1) ?? "", help: "", shape: "value", value: undefined,
    long: kind.type === "json", fields: [], schema: {},
  };
}

/** `queue_timeout` as a person reads it. @param {string} name */
export function worded(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
