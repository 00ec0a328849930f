/**
 * The buttons in the graph's corner: zoom in, zoom out, actual size, everything in view.
 */

import { icon } from "./paint/cards.js";

/** @typedef {{label: string, keys: string, symbol: string, act: () => void}} Control */

/** @param {Control[]} controls @returns {HTMLElement} */
export function controlBar(controls) {
  const bar = document.createElement("div");
  bar.className = "graph-controls";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Zoom");
  for (const { label, keys, symbol, act } of controls) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "graph-control";
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-keyshortcuts", keys);
    button.title = `${label} (${keys})`;
    button.append(icon(symbol, "graph-control-icon"));
    button.addEventListener("click", act);
    bar.append(button);
  }
  return bar;
}
