/**
 * What people do to the pipeline: each is one undoable step through the session. What cannot be is said in a sentence.
 */

import * as commands from "./model/commands.js";
import { newSteps, positionOf } from "./model/document.js";
import { stepsOf } from "./picture.js";
import { selectionOf } from "./session.js";

/**
 * @typedef {import("./editor.js").Editor} Editor
 * @typedef {import("./panels/palette_items.js").Item} Item
 * @typedef {[number, number]} At
 */

/** A step to the right of another stands so far away. */
const NEXT_TO = 280;

/**
 * Adds what the palette offers: on an edge, at the end of a drawn edge, at a place, else after the selected step.
 * @param {Editor} editor @param {Item} item
 * @param {{at?: At, edge?: {parent: string, child: string} | null, link?: {from: string, forwards: boolean} | null}} [place]
 * @returns {string | null} the name of the new step
 */
export function addItem(editor, item, { at, edge = null, link = null } = {}) {
  const after = !edge && !link && !at ? editor.onlySelected : null;
  const step = {
    ...(item.kind === "task" ? {} : { kind: item.kind }),
    ...(item.template ? { template: item.template } : {}), ...(item.pipeline ? { pipeline: item.pipeline } : {}),
    name: nameOf(item), at: at ?? (after ? besides(editor, after) : editor.editing.centre()), ...(after ? { after } : {}),
  };
  const [name] = editor.add(`Add ${item.title}`, (document) => {
    if (edge) return commands.insertOnEdge(document, step, edge.parent, edge.child);
    const next = commands.addStep(document, step);
    if (!link) return next;
    const [made] = newSteps(document, next);
    return link.forwards ? commands.connect(next, link.from, made) : commands.connect(next, made, link.from);
  });
  if (!name) return null;
  const where = edge ? ` between ${edge.parent} and ${edge.child}` : after ? ` after ${after}` : "";
  editor.announce(`${name} added${where}.`);
  return name;
}

/** @param {Item} item */
const nameOf = (item) => (item.template ?? item.pipeline ?? "approval").split("/").at(-1) ?? "step";

/** A free place to the right of a step, below what stands there already. @param {Editor} editor @param {string} name @returns {At | undefined} */
function besides(editor, name) {
  const at = editor.placeOf(name);
  if (!at) return undefined;
  const [x, y] = [at[0] + NEXT_TO, at[1]];
  const taken = stepsOf(editor.session.document).map((step) => editor.placeOf(step.name))
    .filter((place) => place && Math.abs(place[0] - x) < 220)
    .map((place) => /** @type {At} */ (place)[1]);
  let free = y;
  while (taken.some((other) => Math.abs(other - free) < 70)) free += 80;
  return [x, free];
}

/** Steps heal what they leave behind; an edge that a reference needs stays, and that is said. @param {Editor} editor */
export function removeSelected(editor) {
  const { steps, edges, notes } = editor.session.selection;
  const names = [...steps];
  if (!names.length && !edges.size && !notes.size) return;
  const lone = [...edges].map((key) => JSON.parse(key)).filter(([parent, child]) => !steps.has(parent) && !steps.has(child));
  const what = countOf(names.length, lone.length, notes.size, names[0]);
  const next = names.length ? neighbourOf(editor, names) : null;
  const done = editor.perform(`Delete ${what}`, (document) => {
    let result = lone.reduce((doc, [parent, child]) => commands.disconnect(doc, parent, child), document);
    if (notes.size) result = commands.removeNotes(result, [...notes]);
    return names.length ? commands.removeSteps(result, names, { heal: true }) : result;
  }, { select: selectionOf({ steps: next ? [next] : [] }) });
  if (done) editor.announce(`${what} deleted.`);
}

/** Where the keyboard goes when a step is gone: to its parent, else to a step that stays. @param {Editor} editor @param {string[]} names */
function neighbourOf(editor, names) {
  const gone = new Set(names);
  const parents = editor.edges.filter(({ child, parent }) => gone.has(child) && !gone.has(parent));
  return parents[0]?.parent ?? stepsOf(editor.session.document).find(({ name }) => !gone.has(name))?.name ?? null;
}

/** @param {number} steps @param {number} edges @param {number} notes @param {string} name */
function countOf(steps, edges, notes, name) {
  const parts = [];
  if (steps) parts.push(steps === 1 ? name : `${steps} steps`);
  if (edges) parts.push(edges === 1 ? "connection" : `${edges} connections`);
  if (notes) parts.push(notes === 1 ? "note" : `${notes} notes`);
  return parts.join(" and ");
}

/** @param {Editor} editor @param {string} parent @param {string} child */
export function connect(editor, parent, child) {
  const done = editor.perform(`Connect ${parent} to ${child}`, (document) => commands.connect(document, parent, child));
  if (done) editor.announce(`${child} now runs after ${parent}.`);
  return done;
}

/** @param {Editor} editor @param {string} parent @param {string} child */
export function disconnect(editor, parent, child) {
  const done = editor.perform(`Disconnect ${parent} from ${child}`, (document) => commands.disconnect(document, parent, child));
  if (done) editor.announce(`${child} no longer waits for ${parent}.`);
  return done;
}

/** An end of an edge that was taken to another step. @param {Editor} editor @param {string[]} from parent and child before @param {string[]} to */
export function reconnect(editor, from, to) {
  editor.perform(`Move the connection ${from[0]} to ${from[1]}`, (document) =>
    commands.connect(commands.disconnect(document, from[0], from[1]), to[0], to[1]));
}

/** All steps, or the selected ones when there are several. @param {Editor} editor */
export async function arrange(editor) {
  const names = editor.selected.length > 1 ? editor.selected : stepsOf(editor.session.document).map(({ name }) => name);
  if (!names.length) return;
  const all = names.length === stepsOf(editor.session.document).length;
  const indexes = names.map((name) => editor.indexOf(name));
  const places = await editor.editing.layoutOf(all ? null : indexes);
  /** @type {Record<string, At>} */
  const positions = {};
  for (const [index, at] of places) positions[editor.nameOf(index)] = at;
  const done = editor.perform(all ? "Arrange all steps" : `Arrange ${names.length} steps`, (document) => commands.place(document, positions));
  if (done && all) editor.editing.fitTo(null);
  if (done) editor.announce(all ? "All steps are arranged." : `${names.length} steps are arranged.`);
}

/** Steps without a place of their own are where the canvas shows them. @param {Editor} editor */
const shown = (editor) => (/** @type {string} */ name) => editor.placeOf(name);

/** @param {Editor} editor @param {import("./model/arrange.js").Side} side */
export function align(editor, side) {
  const names = editor.selected;
  editor.perform(`Align ${names.length} steps`, (document) => commands.align(document, names, side, shown(editor)));
}

/** @param {Editor} editor @param {import("./model/arrange.js").Axis} axis */
export function distribute(editor, axis) {
  const names = editor.selected;
  editor.perform(`Distribute ${names.length} steps`, (document) => commands.distribute(document, names, axis, shown(editor)));
}

/** Puts steps and notes where somebody has drawn them to; the other steps that had no place keep the one that they were seen at.
 * @param {Editor} editor @param {[string, At][]} steps @param {[number, At][]} [notes] @param {[string, At][]} [others] */
export function put(editor, steps, notes = [], others = []) {
  const names = steps.map(([name]) => name);
  editor.perform(`Move ${countOf(steps.length, 0, notes.length, names[0])}`, (document) =>
    notes.reduce((result, [note, at]) => commands.changeNote(result, note, { at }), commands.place(document, [...steps, ...others])),
  { coalesce: `move ${names.join("\n")} ${notes.map(([note]) => note).join()}` });
}

/** @param {Editor} editor @param {string[]} names @param {number} dx @param {number} dy */
export function move(editor, names, dx, dy) {
  editor.perform(`Move ${countOf(names.length, 0, 0, names[0])}`, (document) => commands.moveSteps(document, names, dx, dy, shown(editor)),
    { coalesce: `move ${names.join("\n")} ` });
}

/** The document with places for steps that have none, so that what is copied keeps its shape. @param {Editor} editor @param {any} document @param {string[]} names */
function placed(editor, document, names) {
  return commands.place(document, names.map((name) => /** @type {const} */ ([name, positionOf(document, name) ?? editor.placeOf(name)])));
}

/** @param {Editor} editor */
export function group(editor) {
  const names = editor.selected;
  const taken = new Set((editor.session.document.groups ?? []).map((/** @type {any} */ one) => one.name));
  let name = "group";
  for (let number = 2; taken.has(name); number += 1) name = `group ${number}`;
  const done = editor.perform(`Group ${names.length} steps`, (document) => commands.group(document, names, name));
  if (done) editor.announce(`${names.length} steps are in ${name}.`);
}

/** @param {Editor} editor @param {At} [at] */
export function addNote(editor, at = editor.editing.centre()) {
  const place = (editor.session.document.notes ?? []).length;
  editor.perform("Add a note", (document) => commands.addNote(document, { text: "Note", at, size: [200, 120] }),
    { select: selectionOf({ notes: [place] }) });
}

/** @param {Editor} editor */
export function duplicate(editor) {
  const names = editor.selected;
  if (!names.length) return;
  editor.add(`Duplicate ${countOf(names.length, 0, 0, names[0])}`,
    (document) => commands.duplicate(placed(editor, document, names), names, [40, 40]));
}

/** The selection as text for the clipboard, or nothing. @param {Editor} editor */
export function copied(editor) {
  const names = editor.selected;
  return names.length ? commands.copyText(placed(editor, editor.session.document, names), names) : "";
}

/** @param {Editor} editor @param {string} text @param {At} [at] */
export function paste(editor, text, at = editor.editing.centre()) {
  const made = editor.add("Paste", (document) => commands.paste(document, text, at, { withParents: true }));
  if (made.length) editor.announce(made.length === 1 ? `${made[0]} pasted.` : `${made.length} steps pasted.`);
}

/** Does what a problem proposes, as one undoable step. @param {Editor} editor @param {import("./api.js").Problem} problem */
export function mend(editor, { fix }) {
  if (!fix) return;
  const done = editor.perform(fix.label, (document) =>
    fix.set.reduce((doc, { path, value }) => commands.setField(doc, path, value), document));
  if (done) editor.announce(`Done: ${fix.label}.`);
}

/** @param {Editor} editor @param {string} name */
export function toggleGroup(editor, name) {
  const collapsed = (editor.session.document.groups ?? []).find((/** @type {any} */ one) => one.name === name)?.collapsed === true;
  const done = editor.perform(`${collapsed ? "Open" : "Collapse"} ${name}`, (document) => commands.collapseGroup(document, name, !collapsed));
  if (done) editor.announce(`${name} ${collapsed ? "opened" : "collapsed"}.`);
}
