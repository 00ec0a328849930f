/**
 * What each key does while the graph is edited; whatever is not here is the graph's own or the page's.
 */

import { isWalkKey } from "../walk.js";
import { GRID } from "./snapping.js";

/** @typedef {import("./editing.js").Editing} Editing */

const FAR = 50;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {Editing} editing @param {KeyboardEvent} event @returns {boolean} whether the key was ours */
export function pressEditKey(editing, event) {
  if (event.key === "Escape") return editing.escape();
  if (event.target instanceof Element && event.target.closest(".graph-controls, .graph-map, .edit-note")) return false;
  if (editing.connecting.current && !event.ctrlKey && !event.metaKey && !event.altKey) return pressWhileConnecting(editing, event);
  if (event.altKey && !event.ctrlKey && !event.metaKey) return editing.enabled && pressMove(editing, event);
  if (event.key === " ") return pressSpace(editing, event);
  if (event.ctrlKey || event.metaKey) return false;
  return pressPlain(editing, event);
}

/** @param {Editing} editing @param {KeyboardEvent} event */
function pressSpace(editing, event) {
  const { current } = editing.scene;
  if (current < 0 || event.altKey) return false;
  editing.choice.toggle(current, event.shiftKey || event.ctrlKey || event.metaKey);
  return true;
}

/** @param {Editing} editing @param {KeyboardEvent} event */
function pressPlain(editing, event) {
  const { current } = editing.scene;
  if (current < 0) return false;
  if (event.key === "Enter") editing.open(current);
  else if (event.key === "c") editing.toggleGroupAt(current);
  else if (event.key === "," || event.key === ".") editing.choice.walkEdges(current, event.key === "." ? 1 : -1);
  else if (editing.enabled && (event.key === "e" || event.key === "E")) editing.connecting.start(current, event.key === "e");
  else return false;
  return true;
}

/** @param {Editing} editing @param {KeyboardEvent} event */
function pressMove(editing, event) {
  const arrow = ARROWS[event.key];
  if (!arrow || editing.scene.current < 0) return false;
  const step = event.shiftKey ? FAR : GRID;
  editing.movement.nudge(arrow[0] * step, arrow[1] * step);
  return true;
}

/** Arrows go round among the steps that an edge may lead to. @param {Editing} editing @param {KeyboardEvent} event */
function pressWhileConnecting(editing, event) {
  const connection = editing.connecting.current;
  if (event.key === "Enter" || event.key === " ") editing.connecting.finish(connection?.node ?? null);
  else if (isWalkKey(event.key)) connection?.aimByKeys(event.key);
  else return false;
  return true;
}
