/** Documents for tests: frozen to their depths, so that whoever changes one is found at once. */

/** @template T @param {T} value @returns {T} */
export function frozen(value) {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** load → clean → (train a, train b) → compare; the last edges by references. */
export const SAMPLE = frozen({
  schema: 1,
  parameters: [{ name: "rows", type: "integer", default: 2000 }],
  steps: [
    { name: "load", template: "sample/load", parameters: { "General/rows": "${pipeline.rows}" } },
    { name: "clean", template: "sample/clean", parents: ["load"], group: "data" },
    { name: "train a", template: "sample/train", parents: ["clean"], parameters: { data: "${load.artifacts.data}" } },
    { name: "train b", template: "sample/train", parents: ["clean"], tags: ["deep"] },
    { name: "compare", template: "sample/compare", parameters: { scores: ["${`train a`.score}", "${`train b`.outputs.score} $${x}"] } },
  ],
  outputs: { best: "${compare.outputs.best}" },
  groups: [{ name: "data", colour: "teal" }],
  run: { pause_at: ["compare", "load"] },
  layout: { load: [0, 0], clean: [240, 0], "train a": [480, -60], "train b": [480, 60] },
  notes: [{ text: "Look here", at: [0, 200] }, { text: "And here", at: [0, 300] }],
});

/** @param {any} document @param {string} name */
export const step = (document, name) => document.steps.find((/** @type {any} */ one) => one.name === name);

/** @param {any} document */
export const names = (document) => document.steps.map((/** @type {any} */ one) => one.name);
