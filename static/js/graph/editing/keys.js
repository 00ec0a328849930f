/**
 * What each key does while the graph is edited; whatever is not here is the graph's own or the page's.
 */

import { isWalkKey } from "../walk.js";
import { noteAt } from "./notes.js";
import { GRID } from "./snapping.js";

/** @typedef {import("./editing.js").Editing} Editing */

const FAR = 50;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {Editing} editing @param {KeyboardEvent} event @returns {boolean} whether the key was ours */
export function pressEditKey(editing, event) {
  if (event.key === "Escape") return editing.escape();
  if (event.target instanceof Element && event.target.closest(".graph-controls, .graph-map")) return false;
  const note = noteAt(event.target);
  if (note !== null) return pressNoteKey(editing, note, event);
  if (editing.connecting.current && !event.ctrlKey && !event.metaKey && !event.altKey) return pressWhileConnecting(editing, event);
  if (event.altKey) return pressMove(editing, { kind: "node", node: editing.scene.current }, event);
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

/** @param {Editing} editing @param {import("./gestures/pressing.js").Thing} thing @param {KeyboardEvent} event */
function pressMove(editing, thing, event) {
  const arrow = ARROWS[event.key];
  const nothing = thing.kind === "node" && thing.node < 0;
  if (!arrow || nothing || !editing.enabled || event.ctrlKey || event.metaKey) return false;
  const step = event.shiftKey ? FAR : GRID;
  editing.movement.nudge(thing, arrow[0] * step, arrow[1] * step);
  return true;
}

/** @param {Editing} editing @param {number} note @param {KeyboardEvent} event */
function pressNoteKey(editing, note, event) {
  const { notes, choice } = editing;
  const arrow = ARROWS[event.key];
  if (event.altKey) return pressMove(editing, { kind: "note", note, corner: false }, event);
  if (event.ctrlKey || event.metaKey) return false;
  if (event.key === "Enter") notes.edit(note);
  else if (event.key === " ") choice.click({ kind: "note", note, corner: false }, event.shiftKey);
  else if (arrow && event.shiftKey) notes.resize(note, arrow[0] * GRID, arrow[1] * GRID);
  else if (arrow) notes.focus(note + arrow[0] + arrow[1]);
  else return false;
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
