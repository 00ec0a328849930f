/** A run's parameters as fields of a dialog, and what was typed into them as values. */

import { h } from "../elements.js";

/** @typedef {{name: string, type?: string, default?: any, required?: boolean, choices?: any[], help?: string, minimum?: number, maximum?: number}} Spec */

/** What a person typed cannot be such a value; its message is for people. */
export class BadText extends Error {}

/** @param {any} value @returns {string} */
export const textOf = (value) => (value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value));

/** @param {Spec} spec @param {Record<string, string>} texts what was typed, by name; it is written into */
export function parameterField(spec, texts) {
  const id = `run-parameter-${spec.name}`;
  const props = {
    id, value: texts[spec.name] ?? textOf(spec.default),
    onInput: (/** @type {any} */ { target }) => { texts[spec.name] = target.value; },
    "aria-describedby": spec.help ? `${id}-help` : false, "aria-required": spec.required ? "true" : false,
  };
  return h("div", { class: "field", key: spec.name },
    h("div", { class: "field-label" }, h("label", { for: id }, spec.name), h("span", { class: "field-kind" }, kindOf(spec))),
    controlOf(spec, props),
    spec.help && h("p", { class: "field-help", id: `${id}-help` }, spec.help));
}

/** @param {Spec} spec @param {Record<string, any>} props */
function controlOf(spec, props) {
  const choices = spec.type === "boolean" ? [true, false] : spec.choices;
  if (choices?.length) {
    return h("select", props, !spec.required && spec.default === undefined && h("option", { value: "" }, "not given"),
      choices.map((choice) => h("option", { value: textOf(choice), key: textOf(choice) }, choice === true ? "yes" : choice === false ? "no" : textOf(choice))));
  }
  if (spec.type === "json") return h("textarea", { ...props, rows: "3", class: "code-input", spellcheck: "false" });
  const number = spec.type === "integer" || spec.type === "number";
  return h("input", { ...props, type: "text", inputmode: number ? "decimal" : false, autocomplete: "off" });
}

/** @param {Spec} spec */
function kindOf({ type = "string", required, minimum, maximum }) {
  const range = minimum !== undefined && maximum !== undefined ? `, ${minimum} to ${maximum}`
    : minimum !== undefined ? `, from ${minimum}` : maximum !== undefined ? `, to ${maximum}` : "";
  return `${type}${range}${required ? ", required" : ""}`;
}

/** Only what was typed is sent; the rest has its default. @param {Spec[]} specs @param {Record<string, string>} texts */
export function valuesOf(specs, texts) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const spec of specs) {
    const text = texts[spec.name];
    if (text === undefined || (text === "" && (spec.type ?? "string") !== "string")) continue;
    values[spec.name] = valueOf(spec, text);
  }
  return values;
}

/** @param {Spec} spec @param {string} text */
function valueOf({ name, type, choices }, text) {
  const chosen = choices?.find((choice) => textOf(choice) === text);
  if (chosen !== undefined) return chosen;
  if (type === "boolean") return text === "true";
  if (type === "integer" || type === "number") {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw new BadText(`${name}: “${text}” is not a number.`);
    return value;
  }
  if (type !== "json") return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new BadText(`${name}: that is not JSON.`);
  }
}
