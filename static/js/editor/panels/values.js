/** From what a person types to a value of the declared type, and back. Pure. */

/**
 * @typedef {"string" | "integer" | "number" | "boolean" | "choice" | "json" | "any"} ValueType
 * @typedef {{type: ValueType, default?: any, required?: boolean, choices?: any[], minimum?: number, maximum?: number,
 *   above?: number, filled?: boolean, worded?: boolean}} Kind what a value must be; `above` excludes itself, `filled`
 *   forbids an empty text, the choices of `worded` are words of ours and shown as such
 * @typedef {{value: any, error: string, keep: boolean}} Reading without `keep` the document stays as it is
 */

const REFERENCE = /\$\{/;
const WHOLE = /^\s*\$\{[^{}]*\}\s*$/;
const FITS = "";

/** Whether a text holds a reference, so that its type is known only at launch. @param {any} value */
export const holdsReference = (value) => typeof value === "string" && REFERENCE.test(value.replaceAll("$${", ""));

/**
 * Reads what was typed. A text that does not fit its type is kept as text, so that it is not lost and the check
 * of the whole document names it too; only what would pass unseen as JSON is not taken over.
 * @param {Kind} kind @param {string} text @returns {Reading}
 */
export function read(kind, text) {
  if (text.trim() === "") return { value: emptied(kind, text), error: FITS, keep: true };
  if (kind.type === "any") return { value: anyFrom(text), error: FITS, keep: true };
  if (kind.type === "json") return readJson(text);
  if (holdsReference(text)) return { value: text, error: FITS, keep: true };
  const value = typed(kind, text);
  return { value, error: fault(kind, value), keep: true };
}

/** An emptied field says nothing, unless nothing is not what would be taken then. @param {Kind} kind @param {string} text */
function emptied(kind, text) {
  const meant = kind.type === "string" && typeof kind.default === "string" && kind.default !== "";
  return meant || (kind.type === "string" && text !== "") ? text : undefined;
}

/** @param {string} text @returns {Reading} */
function readJson(text) {
  if (WHOLE.test(text)) return { value: text.trim(), error: FITS, keep: true };
  try {
    return { value: JSON.parse(text), error: FITS, keep: true };
  } catch (error) {
    return { value: undefined, error: `This is not JSON yet: ${faultOfJson(text, error)}`, keep: false };
  }
}

/** @param {string} text @param {unknown} error */
function faultOfJson(text, error) {
  const message = error instanceof Error ? error.message : String(error);
  const at = /position (\d+)/.exec(message);
  if (!at) return "it ends too early, or a text is not in double quotes.";
  const before = text.slice(0, Number(at[1])).split("\n");
  return `look at line ${before.length}, character ${(before.at(-1)?.length ?? 0) + 1}.`;
}

/** @param {string} text */
function anyFrom(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {Kind} kind @param {string} text @returns {any} */
function typed({ type, choices }, text) {
  const plain = text.trim();
  if (type === "choice" || choices?.length) {
    return choices?.find((one) => written(one) === plain) ?? text;
  }
  const number = Number(plain);
  if (type === "integer" && /^[+-]?\d+$/.test(plain) && Number.isSafeInteger(number)) return number;
  if (type === "number" && Number.isFinite(number) && !/^[+-]?0[xob]/i.test(plain)) return number;
  if (type === "boolean" && (plain === "true" || plain === "false")) return plain === "true";
  return text;
}

const WORDS = {
  string: "a text", integer: "a whole number", number: "a number", boolean: "true or false",
  choice: "one of the choices", json: "JSON", any: "a value",
};

/** What is wrong with a value, or nothing. @param {Kind} kind @param {any} value @returns {string} */
export function fault(kind, value) {
  if (value === undefined || holdsReference(value)) return FITS;
  const { type, choices } = kind;
  if (choices?.length) {
    const offered = choices.some((one) => one === value);
    return offered ? FITS : `This takes one of ${choices.slice(0, 12).map(written).join(", ")}.`;
  }
  if (value === null && type !== "json" && type !== "any") return `This takes ${WORDS[type]}, not null.`;
  if (!isA(type, value)) return `This takes ${WORDS[type]}, not ${shortened(written(value))}.`;
  if (kind.filled && value === "") return "This cannot be empty.";
  return typeof value === "number" ? faultOfNumber(kind, value) : FITS;
}

/** @param {ValueType} type @param {any} value */
function isA(type, value) {
  if (type === "string") return typeof value === "string";
  if (type === "integer") return Number.isInteger(value);
  if (type === "number") return Number.isFinite(value);
  return type !== "boolean" || typeof value === "boolean";
}

/** @param {Kind} kind @param {number} value */
function faultOfNumber({ minimum, maximum, above }, value) {
  if (typeof minimum === "number" && value < minimum) return `This is at least ${minimum}.`;
  if (typeof above === "number" && value <= above) return `This is more than ${above}.`;
  if (typeof maximum === "number" && value > maximum) return `This is at most ${maximum}.`;
  return FITS;
}

/** A value as its field shows it; `read` gives the same value back. @param {Kind} kind @param {any} value @returns {string} */
export function shown(kind, value) {
  if (value === undefined) return "";
  if (typeof value !== "string") return kind.type === "json" || kind.type === "any" ? laidOut(value) : written(value);
  if (kind.type === "json") return WHOLE.test(value) ? value : JSON.stringify(value);
  return kind.type === "any" && anyFrom(value) !== value ? JSON.stringify(value) : value;
}

/** Small values stand in one line. @param {any} value */
function laidOut(value) {
  const line = JSON.stringify(value);
  return line.length <= 60 ? line : JSON.stringify(value, null, 2);
}

/** A value in one line. @param {any} value @returns {string} */
export const written = (value) => (typeof value === "string" ? value : JSON.stringify(value) ?? "");

/** @param {string} text @param {number} [most] */
export const shortened = (text, most = 60) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
