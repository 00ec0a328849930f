/** Icons, statuses and times as elements, the way the server's templates write them. */

import { duration } from "../pages/clocks.js";

const SVG = "http://www.w3.org/2000/svg";

const sprite = () => {
  const base = document.querySelector("meta[name=static]")?.getAttribute("content") ?? "/static/";
  return `${base}icons.svg`;
};

/** @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite()}#${name.startsWith("status-") ? name : `icon-${name}`}`);
  svg.append(use);
  return svg;
}

/** @param {string} status @param {boolean} [pill] */
export function statusMark(status, pill = false) {
  const mark = document.createElement("span");
  mark.className = pill ? "status status-pill" : "status";
  mark.dataset.status = status;
  mark.append(icon(`status-${status}`), status);
  return mark;
}

/** Puts a status where another was; the same is left alone, so that its icon turns on. @param {Element | null} place
 * @param {string} status @param {boolean} [pill] */
export function putStatus(place, status, pill = false) {
  const now = place?.querySelector("[data-status]");
  if (place && now?.getAttribute("data-status") !== status) place.replaceChildren(statusMark(status, pill));
}

/** A duration, or a clock that app.js keeps going. @param {Element | null} place @param {string | null} from @param {string | null} to */
export function putClock(place, from, to) {
  if (!place) return;
  const running = place.querySelector("[data-running-since]");
  if (!from) {
    putText(place, "");
  } else if (to) {
    putText(place, duration((Date.parse(to) - Date.parse(from)) / 1000));
  } else if (running?.getAttribute("data-running-since") !== from) {
    const clock = document.createElement("span");
    clock.dataset.runningSince = from;
    clock.textContent = duration((Date.now() - Date.parse(from)) / 1000);
    place.replaceChildren(clock);
  }
}

/** @param {Element | null} place @param {string} text */
export function putText(place, text) {
  if (place && (place.textContent !== text || place.firstElementChild)) place.textContent = text;
}
