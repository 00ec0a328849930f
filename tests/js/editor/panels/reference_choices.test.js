import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsFor, matching, nearestFirst, othersFor, typedChoice } from "../../../../static/js/editor/panels/reference_choices.js";

/*  load ─▶ clean ─▶ train ─▶ report      other (on its own)  */
const DOCUMENT = /** @type {any} */ ({
  schema: 1,
  parameters: [{ name: "rows", type: "integer", default: 10 }, { name: "where is it", type: "string" }],
  steps: [
    { name: "load", template: "sample/load" },
    { name: "clean", parents: ["load"] },
    { name: "train", parameters: { data: "${clean.artifacts.data}" } },
    { name: "report", parents: ["train"] },
    { name: "other step" },
  ],
});
const KNOWN = {
  run: { number: 4 },
  pipeline: { rows: 50 },
  steps: {
    load: {
      status: "completed", outputs: { count: 3 }, parameters: { "General/source": "here" },
      artifacts: { data: { url: "file:///data", size: 12 } }, metrics: { loss: { "fold 1": 0.5 } },
    },
  },
};
const specsOf = (/** @type {any} */ step) => (step?.template === "sample/load" ? [{ name: "General/source" }] : []);
const around = (/** @type {any} */ more = {}) => ({ document: DOCUMENT, step: "train", known: KNOWN, specsOf, ...more });
const texts = (/** @type {any[]} */ groups) => groups.flatMap(({ choices }) => choices.map((/** @type {any} */ one) => one.text));

test("steps before come nearest first; what can come before follows, what comes after never", () => {
  assert.deepEqual(nearestFirst(DOCUMENT, "train"), ["clean", "load"]);
  assert.deepEqual(othersFor(DOCUMENT, "train"), ["other step"]);
  const headings = groupsFor(around()).map(({ heading, about }) => [heading, about]);
  assert.deepEqual(headings, [
    ["This pipeline", "its parameters"],
    ["clean", "comes before"],
    ["load", "comes before"],
    ["other step", "can come before, and will"],
  ]);
});

test("everything that the last run gave is offered with its value", () => {
  const load = groupsFor(around()).find(({ heading }) => heading === "load");
  const found = Object.fromEntries((load?.choices ?? []).map(({ text, value }) => [text, value?.value]));
  assert.equal(found["${load.outputs.count}"], 3);
  assert.equal(found["${load.artifacts.data}"], "file:///data");
  assert.equal(found["${load.metrics.loss.`fold 1`}"], 0.5);
  assert.equal(found["${load.parameters.General/source}"], "here");
  assert.equal(found["${load.status}"], "completed");
});

test("names are quoted where they must be, and the pipeline's values are those of the run or the defaults", () => {
  const offered = texts(groupsFor(around()));
  assert.ok(offered.includes("${pipeline.`where is it`}"));
  assert.ok(offered.includes("${`other step`.id}"));
  const own = groupsFor(around({ known: { ...KNOWN, pipeline: {} } }))[0].choices[0];
  assert.deepEqual(own.value, { value: 10 });
});

test("before the first run what others use of a step is offered, and names can be typed", () => {
  const none = { run: null, steps: {}, pipeline: {} };
  const groups = groupsFor(around({ step: "report", known: none }));
  assert.ok(texts(groups).includes("${clean.artifacts.data}"));
  assert.equal(typedChoice(groups, "load.outputs.score")?.text, "${load.outputs.score}");
  assert.equal(typedChoice(groups, "${load.artifacts.my file}")?.text, "${load.artifacts.`my file`}");
  assert.equal(typedChoice(groups, "nothing.outputs.score"), null);
  assert.equal(typedChoice(groups, "load.outputs."), null);
});

test("the pipeline's own outputs may refer to every step", () => {
  const headings = groupsFor(around({ step: null })).map(({ heading }) => heading);
  assert.deepEqual(headings, ["This pipeline", "load", "clean", "train", "report", "other step"]);
});

test("a search finds by step, name and kind, every word of it", () => {
  const groups = groupsFor(around());
  assert.deepEqual(texts(matching(groups, "load count")), ["${load.outputs.count}"]);
  assert.ok(texts(matching(groups, "METRIC")).every((text) => text.includes("metrics")));
  assert.deepEqual(matching(groups, "zebra"), []);
});

test("of a nested pipeline what it declares is offered, and nothing else by name", () => {
  const groups = groupsFor(around({ outputsOf: (/** @type {any} */ step) => (step?.name === "load" ? ["path", "score"] : null) }));
  const load = groups.find(({ heading }) => heading === "load");
  const words = load?.choices.map((choice) => choice.words) ?? [];
  assert.deepEqual(words.filter((word) => word.startsWith("outputs.")), ["outputs.path", "outputs.score"]);
  assert.ok(!words.includes("artifacts.…"));
});
