/**
 * The theme's colours for the canvases. They are read through an element's `color`, because the tokens themselves
 * may be expressions (`light-dark(…)`) that a canvas does not understand.
 */

import { STATUSES } from "../statuses.js";

/**
 * @typedef {object} Palette
 * @property {string[]} status  by code
 * @property {string} surface
 * @property {string} raised
 * @property {string} text
 * @property {string} muted
 * @property {string} edge
 * @property {string} border
 */

/** @param {HTMLElement} probe an element inside the graph @returns {Palette} */
export function readPalette(probe) {
  const style = getComputedStyle(probe);
  const colour = (/** @type {string} */ name) => {
    probe.style.color = `var(--graph-${name})`;
    return style.color;
  };
  const palette = {
    status: STATUSES.map(colour),
    surface: colour("surface"),
    raised: colour("raised"),
    text: colour("text"),
    muted: colour("muted"),
    edge: colour("edge"),
    border: colour("border"),
  };
  probe.style.color = "";
  return palette;
}

/** Calls back when the theme changes: the system's, or the page's own choice on the root element.
 * @param {() => void} changed @returns {() => void} stops watching */
export function watchTheme(changed) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(changed);
  dark.addEventListener("change", changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
  return () => {
    dark.removeEventListener("change", changed);
    observer.disconnect();
  };
}
