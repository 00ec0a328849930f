/**
 * Gathers what the SVG shows from the picture on the screen, in the colours of the current theme. Colours are read
 * off a pixel: other programs know nothing of the page's colour spaces.
 */

import { cardLine, cardName } from "../card_text.js";
import { boundsOf, boxOf } from "../in_view.js";
import { childrenOf, parentsOf } from "../model.js";
import { SvgPen, traceEdge } from "../paint/edge_path.js";
import { readPalette } from "../paint/palette.js";
import { statusCode } from "../statuses.js";
import { middleOf } from "./edge_hit.js";
import { groupTitle, REFERENCE } from "./picture.js";
import { svgOf } from "./svg.js";

/** @typedef {import("./svg.js").Drawing} Drawing */

const [FAILED, AWAITING, RUNNING] = ["failed", "awaiting", "running"].map(statusCode);

/** @param {import("./editing.js").Editing} editing @returns {string} */
export function pictureAsSvg(editing) {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d", { willReadFrequently: true }));
  const measure = (/** @type {string} */ text, /** @type {number} */ size, /** @type {boolean} */ bold) => {
    context.font = `${bold ? "600 " : ""}${size}px system-ui, sans-serif`;
    return context.measureText(text).width;
  };
  return svgOf(drawingOf(editing, (colour) => hexOf(context, colour)), measure);
}

/** @param {import("./editing.js").Editing} editing @param {(colour: string) => string} plain @returns {Drawing} */
function drawingOf(editing, plain) {
  const { scene, notes, groups } = editing;
  const layout = /** @type {import("../layout.js").Layout} */ (scene.layout);
  const { status, ...colours } = readPalette(scene.probe);
  const panel = (/** @type {HTMLElement} */ element, /** @type {HTMLElement} */ words) => {
    const style = getComputedStyle(element);
    return { fill: plain(style.backgroundColor), stroke: plain(style.borderTopColor), ink: plain(getComputedStyle(words).color) };
  };
  return {
    bounds: boundsOf(layout),
    colours: /** @type {Drawing["colours"]} */ (Object.fromEntries(Object.entries(colours).map(([name, colour]) => [name, plain(colour)]))),
    groups: groups.open.map((group, index) => ({ box: groups.boxOf(index, layout), text: groupTitle(group), ...panel(groups.frames[index].element, groups.frames[index].title) })),
    notes: notes.shown.map(({ text }, index) => ({ box: notes.boxOf(index), text, ...panel(notes.notes[index].element, notes.notes[index].face) })),
    lines: linesOf(editing, layout),
    cards: cardsOf(editing, layout, status.map(plain)),
  };
}

/** @param {import("./editing.js").Editing} editing @param {import("../layout.js").Layout} layout @returns {import("./svg.js").Line[]} */
function linesOf({ picture: { drawn, kinds } }, layout) {
  return Array.from(kinds, (kind, edge) => {
    const pen = new SvgPen();
    traceEdge(pen, drawn, layout, edge);
    const child = drawn.childOfEdge[edge];
    return {
      way: pen.toString(), dashed: kind !== REFERENCE, dot: kind === REFERENCE ? middleOf(drawn, layout, edge) : null,
      tip: [layout.x[child], layout.y[child] + layout.nodeHeight / 2],
    };
  });
}

/** @param {import("./editing.js").Editing} editing @param {import("../layout.js").Layout} layout @param {string[]} colours by status
 * @returns {import("./svg.js").CardPicture[]} */
function cardsOf({ picture, scene }, layout, colours) {
  const { drawn, steps, shown } = picture;
  const { status } = steps.shown;
  return drawn.nodes.map(({ name }, node) => {
    const its = picture.stepsOf(node).map((step) => shown.nodes[step]);
    const state = steps.shown.at(node);
    const told = steps.tally?.told(node);
    const problem = ["error", "warning"].find((word) => its.some((step) => step.problem === word));
    return {
      box: boxOf(layout, node), name, line: told?.line ?? cardLine(state, scene.now()), colour: colours[status[node]],
      says: cardName(name, state, parentsOf(drawn, node).length, childrenOf(drawn, node).length, problem ? `has ${problem === "error" ? "an error" : "a warning"}` : ""),
      isGroup: steps.bundleAt(node) !== null,
      mark: problem ? colours[problem === "error" ? FAILED : AWAITING] : null,
      dot: its.some((step) => step.changed) ? colours[RUNNING] : null,
    };
  });
}

/** @param {CanvasRenderingContext2D} context @param {string} colour @returns {string} "#rrggbb", or with its opacity */
function hexOf(context, colour) {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  const hex = (/** @type {number[]} */ parts) => `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  return alpha === 255 ? hex([red, green, blue]) : `rgba(${red}, ${green}, ${blue}, ${Math.round((alpha / 255) * 1000) / 1000})`;
}
