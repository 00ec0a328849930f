/** The steps as a list for reading: by group, each after those that it waits for. Pure. */

import { edgesOf } from "../model/graph.js";
import { listOf, stepsOf, subtitleOf } from "../picture.js";

/**
 * @typedef {{name: string, step: any, group: string, parents: {name: string, kind: string}[], problems: number, what: string}} Row
 */

/** @param {any} document @param {readonly import("../api.js").Problem[]} problems @returns {{group: string, each: boolean, rows: Row[]}[]} */
export function sectionsOf(document, problems) {
  const count = new Map();
  for (const { step } of problems) if (step) count.set(step, (count.get(step) ?? 0) + 1);
  const parents = parentsByName(document);
  const sections = new Map();
  for (const step of inOrder(stepsOf(document), parents)) {
    const group = typeof step.group === "string" ? step.group : "";
    const row = { name: step.name, step, group, parents: parents.get(step.name) ?? [], problems: count.get(step.name) ?? 0, what: subtitleOf(step) };
    sections.set(group, [...(sections.get(group) ?? []), row]);
  }
  const each = new Set(listOf(document.groups).filter((group) => group?.for_each).map((group) => group.name));
  return [...sections].map(([group, rows]) => ({ group, each: each.has(group), rows }));
}

/** @param {any} document @returns {Map<string, {name: string, kind: string}[]>} */
export function parentsByName(document) {
  const parents = new Map();
  for (const { parent, child, kind } of edgesOf(document)) {
    const known = parents.get(child);
    if (known) known.push({ name: parent, kind });
    else parents.set(child, [{ name: parent, kind }]);
  }
  return parents;
}

/** Parents first, else as written; what stands in a circle comes as it is. @param {any[]} steps @param {Map<string, {name: string}[]>} parents */
function inOrder(steps, parents) {
  const waits = new Map(steps.map(({ name }) => [name, new Set((parents.get(name) ?? []).map((parent) => parent.name))]));
  const children = new Map();
  for (const [name, of] of waits) for (const parent of of) children.set(parent, [...(children.get(parent) ?? []), name]);
  const byName = new Map(steps.map((step) => [step.name, step]));
  const ready = steps.filter(({ name }) => waits.get(name)?.size === 0);
  const ordered = [];
  for (const step of ready) {
    ordered.push(step);
    for (const child of children.get(step.name) ?? []) {
      const open = waits.get(child);
      open?.delete(step.name);
      if (open?.size === 0) ready.push(byName.get(child));
    }
  }
  const done = new Set(ordered);
  return [...ordered, ...steps.filter((step) => !done.has(step))];
}

/** A row as a sentence, for whoever listens. @param {Row} row @returns {string} */
export function sentenceOf({ name, what, parents, problems }) {
  const after = parents.length ? `after ${parents.map((parent) => parent.name).join(", ")}` : "at the start";
  const bad = problems ? `, ${problems === 1 ? "1 problem" : `${problems} problems`}` : "";
  return `${name}, ${what}, ${after}${bad}`;
}
