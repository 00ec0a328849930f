/**
 * What the canvas shows of a document: its steps as nodes, edges by index, places, notes and groups, and on each
 * step the worst of its problems. Pure.
 */

import { edgesOf } from "./model/graph.js";

/**
 * @typedef {import("./api.js").Problem} Problem
 * @typedef {{name: string, title: string, subtitle: string, kind: string, problem: "" | "error" | "warning",
 *   changed: boolean, group?: string}} PictureNode
 * @typedef {{parent: number, child: number, kind: "order" | "reference" | "both"}} PictureEdge
 */

/** The most words that a card or a note is given, however long the document's text is. */
const LONGEST = 200;

/**
 * @param {any} document
 * @param {{problems?: readonly Problem[], changed?: ReadonlySet<string>}} [about]
 */
export function pictureOf(document, { problems = [], changed = new Set() } = {}) {
  const steps = stepsOf(document);
  const index = indexByName(document);
  const worst = worstByStep(problems);
  return {
    nodes: steps.map((step) => ({
      name: step.name, title: step.name.slice(0, LONGEST), subtitle: subtitleOf(step), kind: step.kind ?? "task",
      problem: worst.get(step.name) ?? "", changed: changed.has(step.name),
      ...(typeof step.group === "string" && step.group ? { group: step.group } : {}),
    })),
    edges: (Array.isArray(document?.steps) ? edgesOf(document) : []).flatMap(({ parent, child, kind }) => {
      const [from, to] = [index.get(parent), index.get(child)];
      return from === undefined || to === undefined ? [] : [{ parent: from, child: to, kind }];
    }),
    positions: steps.map(({ name }) => placeOf(document.layout?.[name])),
    notes: listOf(document.notes).map((note) => ({
      text: String(note?.text ?? "").slice(0, LONGEST * 10), at: placeOf(note?.at) ?? [0, 0],
      size: placeOf(note?.size) ?? [200, 120], colour: String(note?.colour ?? ""),
    })),
    groups: groupsOf(document, steps),
  };
}

/** The steps that can be drawn: a document that was written by hand may hold anything. @param {any} document */
export function stepsOf(document) {
  const seen = new Set();
  return listOf(document?.steps).filter((step) => {
    const drawn = typeof step?.name === "string" && step.name !== "" && !seen.has(step.name);
    if (drawn) seen.add(step.name);
    return drawn;
  });
}

/** @param {any} document @returns {Map<string, number>} places among the steps that are drawn */
export const indexByName = (document) => new Map(stepsOf(document).map(({ name }, index) => [name, index]));

/** @param {any} document @param {any[]} steps */
function groupsOf(document, steps) {
  const declared = listOf(document.groups).filter((group) => typeof group?.name === "string" && group.name);
  const names = new Set([...declared.map(({ name }) => name), ...steps.map(({ group }) => group)]);
  const known = new Map(declared.map((group) => [group.name, group]));
  return [...names].filter((name) => typeof name === "string" && name).map((name) => ({
    name, colour: String(known.get(name)?.colour ?? ""), collapsed: known.get(name)?.collapsed === true,
    steps: steps.flatMap((step, index) => (step.group === name ? [index] : [])),
    ...(known.get(name)?.for_each ? { each: true } : {}),
  }));
}

/** What a step is, in a line. @param {any} step */
export function subtitleOf(step) {
  const what = madeOf(step);
  return step.for_each ? `each item · ${what}`.slice(0, LONGEST) : what;
}

/** @param {any} step */
function madeOf(step) {
  if (step.kind === "approval") return "asks a person";
  const what = step.kind === "pipeline" ? step.pipeline : step.template;
  if (typeof what !== "string" || !what) return step.kind === "pipeline" ? "no pipeline yet" : "no template yet";
  const version = step.version === undefined || step.version === null ? "" : ` v${step.version}`;
  return `${what}${version}`.slice(0, LONGEST);
}

/** @param {readonly Problem[]} problems @returns {Map<string, "error" | "warning">} */
function worstByStep(problems) {
  const worst = new Map();
  for (const { step, severity } of problems) {
    if (step && worst.get(step) !== "error") worst.set(step, severity === "warning" ? "warning" : "error");
  }
  return worst;
}

/** @param {any} pair @returns {[number, number] | null} */
function placeOf(pair) {
  return Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite) ? [pair[0], pair[1]] : null;
}

/** @param {any} value @returns {any[]} */
export const listOf = (value) => (Array.isArray(value) ? value : []);
