/** Random documents and deeds, the same for the same seed. */

import * as commands from "../../../static/js/editor/model/commands.js";
import { NotPossible } from "../../../static/js/editor/model/document.js";
import { frozen } from "./documents.js";

/** Numbers from 0 to 1 that follow from a seed (mulberry32). @param {number} seed */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Choices made with a source of numbers. */
export class Luck {
  /** @param {number} seed */
  constructor(seed) {
    this.next = numbers(seed);
  }

  /** @param {number} below */
  number(below) {
    return Math.floor(this.next() * below);
  }

  /** @template T @param {readonly T[]} list @returns {T} */
  one(list) {
    return list[this.number(list.length)];
  }

  /** @template T @param {readonly T[]} list @returns {T[]} */
  some(list) {
    return list.filter(() => this.next() < 0.4);
  }
}

const NAMES = ["load", "clean", "train a", "train b", "v1.2", "Größe", "x-3", "compare"];
const VALUES = [1, "two", null, true, [1, 2], { deep: [{ er: "${load.rows}" }] }, "${`train a`.score}", "$${not}", "${broken", 0.5];
const FIELDS = [["queue"], ["comment"], ["retries", "number"], ["parameters", "General/rows"], ["parameters", "x.y"], ["tags"], ["when"]];

/** @param {Luck} luck */
export function randomDocument(luck) {
  const names = luck.some(NAMES);
  const steps = names.map((name, place) => ({
    name, template: "work", parents: luck.some(names.slice(0, place)), parameters: { a: luck.one(VALUES) },
  }));
  const layout = Object.fromEntries(luck.some(names).map((name) => [name, [luck.number(500), luck.number(500)]]));
  return frozen({
    schema: 1, steps, layout, outputs: { best: luck.one(VALUES) }, run: { pause_at: luck.some(names) },
    notes: luck.some(["one", "two", "three"]).map((text) => ({ text, at: [luck.number(9), 0] })),
    groups: luck.some(["red", "blue"]).map((name) => ({ name })),
    parameters: luck.some(["rows", "depth"]).map((name) => ({ name, default: luck.one(VALUES) })),
  });
}

/**
 * Something that one could do to the document, with the name of the command; what is not possible does nothing.
 * @param {any} document @param {Luck} luck @returns {{label: string, change: (document: any) => any}}
 */
export function randomDeed(document, luck) {
  const names = document.steps.map((/** @type {any} */ step) => step.name);
  const name = luck.one(names) ?? "none";
  const other = luck.one(names) ?? "none";
  const note = luck.number(3);
  const point = /** @type {[number, number]} */ ([luck.number(500), luck.number(500)]);
  const shown = () => point;
  /** @type {Record<string, (document: any) => any>} */
  const deeds = {
    addStep: (d) => commands.addStep(d, { template: `sample/${luck.one(NAMES)}`, at: point, after: luck.some(names) }),
    insertOnEdge: (d) => commands.insertOnEdge(d, { template: "check" }, name, other),
    removeSteps: (d) => commands.removeSteps(d, luck.some(names), { heal: luck.next() < 0.5 }),
    renameStep: (d) => commands.renameStep(d, name, luck.one([...NAMES, "brand new", ""])),
    renameParameter: (d) => commands.renameParameter(d, "rows", luck.one(["lines", "depth"])),
    connect: (d) => commands.connect(d, name, other),
    disconnect: (d) => commands.disconnect(d, name, other),
    setStepField: (d) => commands.setStepField(d, name, luck.one(FIELDS), luck.one([...VALUES, undefined])),
    setField: (d) => commands.setField(d, luck.one([["outputs", "best"], ["defaults", "queue"], ["tags"]]), luck.one([...VALUES, undefined])),
    moveSteps: (d) => commands.moveSteps(d, luck.some(names), luck.number(9), luck.number(9), shown),
    place: (d) => commands.place(d, { [name]: luck.one([point, null]) }),
    align: (d) => commands.align(d, luck.some(names), luck.one(["left", "centre", "right", "top", "middle", "bottom"]), shown),
    distribute: (d) => commands.distribute(d, names, luck.one(["across", "down"]), shown),
    group: (d) => commands.group(d, luck.some(names), luck.one(["red", "blue", "green"])),
    leaveGroup: (d) => commands.leaveGroup(d, luck.some(names)),
    ungroup: (d) => commands.ungroup(d, luck.one(["red", "blue"])),
    collapseGroup: (d) => commands.collapseGroup(d, "red"),
    changeGroup: (d) => commands.changeGroup(d, "blue", { name: luck.one(["blue", "navy"]), colour: "teal" }),
    addNote: (d) => commands.addNote(d, { text: "new", at: point }),
    changeNote: (d) => commands.changeNote(d, note, { text: luck.one(["a", "b"]), size: point }),
    moveNotes: (d) => commands.moveNotes(d, [note], 1, 2),
    removeNotes: (d) => commands.removeNotes(d, [note]),
    duplicate: (d) => commands.duplicate(d, luck.some(names)),
    paste: (d) => commands.paste(d, commands.copyText(d, luck.some(names)), luck.one([point, null]), { withParents: luck.next() < 0.5 }),
  };
  const label = luck.one(Object.keys(deeds));
  return { label, change: (d) => possibly(deeds[label], d) };
}

/** @param {(document: any) => any} change @param {any} document */
function possibly(change, document) {
  try {
    return change(document);
  } catch (error) {
    if (error instanceof NotPossible) return document;
    throw error;
  }
}
