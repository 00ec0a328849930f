/** What a step may refer to, in the order in which one would look for it. Pure. */

import { stepsByName } from "../model/document.js";
import { downstreamOf, parentsOf, upstreamOf } from "../model/graph.js";
import { referencesIn, written, writtenParameter } from "../model/references.js";
import { fullName } from "./form_model.js";
import { valueOf } from "./last_values.js";

/**
 * @typedef {import("../model/document.js").Document} Document
 * @typedef {import("./last_values.js").Known} Known
 * @typedef {import("./form_model.js").Spec} Spec
 * @typedef {{text: string, words: string, about: string, value: import("./last_values.js").Last | null, step: string | null, begins?: boolean}} Choice
 *   `text` is the reference; with `begins` it is a beginning that a name must follow
 * @typedef {{key: string, heading: string, about: string, choices: Choice[]}} Group
 * @typedef {Map<string, Record<"outputs" | "artifacts", Set<string>>>} Used
 * @typedef {{document: Document, step: string | null, known: Known, specsOf: (step: any) => Spec[],
 *   outputsOf?: (step: any) => string[] | null}} Around `outputsOf` is nothing where nobody knows before a run
 */

/** How a choice's kind is named, in the order in which they are offered. */
const KINDS = /** @type {const} */ (["outputs", "artifacts", "metrics", "parameters"]);
const ABOUT = { outputs: "output", artifacts: "artifact", metrics: "metric", parameters: "parameter" };
const NOTHING_USED = { outputs: new Set(), artifacts: new Set() };
const OTHERS = "can come before, and will";

/** All that may be offered, by where it comes from. @param {Around} around @returns {Group[]} */
export function groupsFor(around) {
  const { document, step } = around;
  const names = step === null ? allNames(document) : nearestFirst(document, step);
  const later = step === null ? [] : othersFor(document, step);
  const used = usedOf(document);
  return [
    ownParameters(around),
    ...names.map((name) => groupOf(around, name, step === null ? "" : "comes before", used)),
    ...later.map((name) => groupOf(around, name, OTHERS, used)),
  ].filter(({ choices }) => choices.length);
}

/** @param {Document} document */
const allNames = (document) => [...stepsByName(document).keys()];

/** The steps before one, the nearest first. @param {Document} document @param {string} step */
export function nearestFirst(document, step) {
  const steps = stepsByName(document);
  const found = new Set([step]);
  for (const name of found) {
    const one = steps.get(name);
    for (const parent of one ? parentsOf(one).keys() : []) if (steps.has(parent)) found.add(parent);
  }
  found.delete(step);
  return [...found];
}

/** The steps that are not before one but could be without closing a circle. @param {Document} document @param {string} step */
export function othersFor(document, step) {
  const before = upstreamOf(document, step);
  const after = downstreamOf(document, step);
  return allNames(document).filter((name) => name !== step && !before.has(name) && !after.has(name));
}

/** @param {Around} around @returns {Group} */
function ownParameters({ document, known }) {
  /** @type {Spec[]} */
  const specs = Array.isArray(document.parameters) ? document.parameters : [];
  const choices = specs.filter((spec) => typeof spec?.name === "string" && spec.name).map((spec) => ({
    text: writtenParameter(spec.name), words: spec.name, about: `parameter · ${spec.type ?? "string"}`, step: null,
    value: valueOf(known, { source: "pipeline", what: "parameters", path: [spec.name], step: null, each: false }) ?? defaultOf(spec),
  }));
  const run = { text: "${pipeline.run.id}", words: "run.id", about: "the run's id", step: null, value: null };
  return { key: "pipeline", heading: "This pipeline", about: "its parameters", choices: [...choices, run] };
}

/** @param {Spec} spec */
const defaultOf = (spec) => (spec.default === undefined ? null : { value: spec.default });

/** @param {Around} around @param {string} name @param {string} about @param {Used} every @returns {Group} */
function groupOf(around, name, about, every) {
  const { document, known, specsOf, outputsOf = () => null } = around;
  const step = stepsByName(document).get(name);
  const given = known.steps[name] ?? {};
  const used = every.get(name) ?? NOTHING_USED;
  const specs = specsOf(step);
  const declared = outputsOf(step);
  const names = {
    outputs: (declared ?? all(Object.keys(given.outputs ?? {}), used.outputs)).map((one) => [one]),
    artifacts: all(Object.keys(given.artifacts ?? {}), used.artifacts).map((one) => [one]),
    metrics: Object.entries(given.metrics ?? {}).flatMap(([title, series]) => Object.keys(series).map((one) => [title, one])),
    parameters: all(specs.map((one) => fullName(one.name)), Object.keys(given.parameters ?? {}).map(fullName)).map((one) => [one]),
  };
  const choices = KINDS.flatMap((what) => names[what].map((path) => choiceOf(known, name, what, path)));
  const from = given.run !== undefined && given.run !== known.run?.number ? `values of run #${given.run}` : "";
  return { key: `step ${name}`, heading: name, about: [about, from].filter(Boolean).join(", "), choices: [...choices, ...(declared ? [] : byName(name)), ...facts(known, name)] };
}

/** @param {string[]} ones @param {Iterable<string>} others */
const all = (ones, others) => [...new Set([...ones, ...others])];

/** @param {Known} known @param {string} step @param {"outputs" | "artifacts" | "metrics" | "parameters"} what @param {string[]} path @returns {Choice} */
function choiceOf(known, step, what, path) {
  const value = valueOf(known, { source: "step", what, path, step, each: false });
  return { text: written(step, [what, ...path]), words: `${what}.${path.join(".")}`, about: ABOUT[what], value, step };
}

/** Before the first run nobody knows what a step will give; its name can be typed. @param {string} step @returns {Choice[]} */
function byName(step) {
  return /** @type {const} */ (["outputs", "artifacts"]).map((what) => ({
    text: `${written(step, [what]).slice(0, -1)}.`, words: `${what}.…`, about: `${ABOUT[what]} by its name`, value: null, step, begins: true,
  }));
}

/** @param {Known} known @param {string} step @returns {Choice[]} */
function facts(known, step) {
  const status = known.steps[step]?.status;
  return [
    { text: written(step, ["id"]), words: "id", about: "the task's id", value: null, step },
    { text: written(step, ["status"]), words: "status", about: "how it ended", value: status ? { value: status } : null, step },
  ];
}

/** What others use of each step is there as well. @param {Document} document @returns {Used} */
function usedOf(document) {
  /** @type {Used} */
  const used = new Map();
  const values = document.steps.map((step) => step?.parameters);
  for (const { step, what, path } of referencesIn([...values, document.outputs])) {
    if (step === null || (what !== "outputs" && what !== "artifacts")) continue;
    const names = used.get(step) ?? { outputs: new Set(), artifacts: new Set() };
    names[what].add(path[0]);
    used.set(step, names);
  }
  return used;
}

/** The choices that have every word that was typed; a reference that was typed whole is offered as it is. @param {Group[]} groups @param {string} typed @returns {Group[]} */
export function matching(groups, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return groups;
  const fits = (/** @type {Group} */ group, /** @type {Choice} */ choice) => {
    const text = `${group.heading} ${group.heading}.${choice.words} ${choice.about} ${choice.text}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return groups
    .map((group) => ({ ...group, choices: group.choices.filter((choice) => fits(group, choice)) }))
    .filter(({ choices }) => choices.length);
}

/**
 * A reference that was typed rather than found: `load.outputs.score`, with or without its braces.
 * @param {Group[]} groups @param {string} typed @returns {Choice | null}
 */
export function typedChoice(groups, typed) {
  const inner = typed.trim().replace(/^\$\{/, "").replace(/\}$/, "");
  for (const { key, heading } of groups) {
    if (key === "pipeline") continue;
    const begins = [heading, written(heading, ["id"]).slice(2, -4)].find((name) => inner.startsWith(`${name}.`));
    if (begins === undefined) continue;
    const [what, ...rest] = inner.slice(begins.length + 1).split(".");
    const name = rest.join(".").replaceAll("`", "");
    if ((what !== "outputs" && what !== "artifacts") || !name) continue;
    const text = written(heading, [what, name]);
    return { text, words: `${what}.${name}`, about: `${ABOUT[what]}, not seen in a run yet`, value: null, step: heading };
  }
  return null;
}
