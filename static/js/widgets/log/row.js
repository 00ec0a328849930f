/** One row of a log as an element. */

import { plain, runsOf } from "./ansi.js";
import { made } from "./bar.js";

// Behind this nothing is marked: an expression may be slow on a line of a megabyte.
const MARKED_CHARACTERS = 4_000;

/** @typedef {{isHit: boolean, isCurrent: boolean, isLinked: boolean, href: string, expression: RegExp | null}} Marks */

/** @param {import("./rows.js").Line} line @param {Marks} marks */
export function rowOf(line, { isHit, isCurrent, isLinked, href, expression }) {
  const row = made("div", "log-row");
  row.dataset.stream = line.stream;
  if (line.level) row.dataset.level = line.level;
  if (isCurrent) row.dataset.hit = "";
  if (isLinked) row.dataset.linked = "";
  const number = made("a", "log-number");
  number.textContent = String(line.number + 1);
  number.href = href;
  // The rows come and go, so the way there by keyboard is the field for a line.
  number.tabIndex = -1;
  const text = made("span", "log-line");
  if (isHit && expression) mark(text, plain(line.text), expression);
  else colour(text, line.text);
  row.append(number, text);
  return row;
}

/** A line that is not here yet. @param {number} number */
export function gap(number) {
  const row = made("div", "log-row");
  const place = made("span", "log-number");
  place.textContent = String(number + 1);
  row.append(place);
  return row;
}

/** @param {HTMLElement} place @param {string} text */
function colour(place, text) {
  for (const run of runsOf(text)) {
    if (!run.classes) place.append(run.text);
    else {
      const part = made("span", run.classes);
      part.textContent = run.text;
      place.append(part);
    }
  }
}

/** @param {HTMLElement} place @param {string} text @param {RegExp} expression */
function mark(place, text, expression) {
  let from = 0;
  for (const found of text.slice(0, MARKED_CHARACTERS).matchAll(expression)) {
    if (!found[0]) continue;
    const part = made("mark", "");
    part.textContent = found[0];
    place.append(text.slice(from, found.index), part);
    from = found.index + found[0].length;
  }
  place.append(text.slice(from));
}
