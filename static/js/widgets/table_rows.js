/** Rows of a table in another order. Pure: no document. */

const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Those without a value come last, whatever the order. @param {string[][]} rows @param {number} column @param {string} type @param {1 | -1} direction */
export function sorted(rows, column, type, direction) {
  const isNumber = type === "whole" || type === "number";
  return [...rows].sort((one, other) => {
    const [a, b] = [one[column] ?? "", other[column] ?? ""];
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    return direction * (isNumber ? numberIn(a) - numberIn(b) : words.compare(a, b));
  });
}

/** @param {string} text */
function numberIn(text) {
  const small = text.toLowerCase();
  if (small.endsWith("inf")) return small.startsWith("-") ? -1e309 : 1e309;
  const number = Number(small);
  return Number.isNaN(number) ? -Number.MAX_VALUE : number;
}
