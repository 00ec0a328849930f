/** What can be done to a document: each command gives a new one and leaves the old alone. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as commands from "../../../static/js/editor/model/commands.js";
import { EMPTY, newSteps, NotPossible } from "../../../static/js/editor/model/document.js";
import { edgesOf } from "../../../static/js/editor/model/graph.js";
import { names, SAMPLE, step } from "./documents.js";

const { addStep, connect, disconnect, insertOnEdge, moveSteps, removeSteps, renameStep, setField, setStepField } = commands;

/** @param {any} document */
const edges = (document) => edgesOf(document).map(({ parent, child, kind }) => `${parent} > ${child}: ${kind}`);

test("a step is called after its template, and a second one otherwise", () => {
  const one = addStep(EMPTY, { template: "sample/train", at: [10, 20] });
  const two = addStep(one, { template: "sample/train", after: "train", parameters: { depth: 3 } });
  assert.deepEqual(two, {
    schema: 1,
    steps: [
      { name: "train", template: "sample/train" },
      { name: "train-2", template: "sample/train", parameters: { depth: 3 }, parents: ["train"] },
    ],
    layout: { train: [10, 20] },
  });
  assert.deepEqual(newSteps(one, two), ["train-2"]);
  assert.deepEqual(names(addStep(two, { name: "train-2", template: "x" })), ["train", "train-2", "train-3"]);
});

test("a step of another kind says so", () => {
  assert.deepEqual(addStep(EMPTY, { pipeline: "nightly" }).steps, [{ name: "nightly", kind: "pipeline", pipeline: "nightly" }]);
  assert.deepEqual(addStep(EMPTY, { kind: "approval" }).steps, [{ name: "approval", kind: "approval" }]);
});

for (const [wanted, name] of [["pipeline", "step"], [" a/b ", "a-b"], ["..", "step"], ["", "step"], ["x".repeat(200), "x".repeat(128)], ["<b>", "-b-"]]) {
  test(`what cannot be a name becomes one: ${wanted.slice(0, 10)}`, () => {
    assert.deepEqual(names(addStep(EMPTY, { name: wanted, template: "x" })), [name]);
  });
}

test("steps are connected once, and not in a circle", () => {
  const connected = connect(SAMPLE, "load", "train b");
  assert.deepEqual(step(connected, "train b").parents, ["clean", "load"]);
  assert.equal(connect(connected, "load", "train b"), connected);
  assert.equal(connect(SAMPLE, "train a", "compare"), SAMPLE);
  assert.throws(() => connect(SAMPLE, "compare", "clean"), {
    message: "That would be a circle: “clean” → “train a” → “compare” → “clean”.",
  });
  assert.throws(() => connect(SAMPLE, "load", "load"), /cannot come after itself/);
  assert.throws(() => connect(SAMPLE, "load", "nobody"), NotPossible);
});

test("a plain order is taken away; what a reference needs is not", () => {
  assert.ok(!("parents" in step(disconnect(SAMPLE, "clean", "train b"), "train b")));
  assert.throws(() => disconnect(SAMPLE, "train b", "compare"), /“compare” uses a value of “train b” in scores/);
  const both = connect(setStepField(SAMPLE, "train b", ["queue"], "${clean.q}"), "clean", "train b");
  assert.ok(edges(both).includes("clean > train b: both"));
  assert.ok(edges(disconnect(both, "clean", "train b")).includes("clean > train b: reference"));
});

test("a step put on an edge stands between", () => {
  const after = insertOnEdge(SAMPLE, { template: "check", at: [1, 2] }, "load", "clean");
  assert.deepEqual(step(after, "check").parents, ["load"]);
  assert.deepEqual(step(after, "clean").parents, ["check"]);
  assert.deepEqual(after.layout.check, [1, 2]);
  const reference = insertOnEdge(SAMPLE, { template: "check" }, "train a", "compare");
  assert.deepEqual(step(reference, "compare").parents, ["check"]);
  assert.ok(edges(reference).includes("train a > compare: reference"));
});

test("removing leaves no name behind, and heals when asked", () => {
  const removed = removeSteps(SAMPLE, ["clean", "load"]);
  assert.deepEqual(names(removed), ["train a", "train b", "compare"]);
  assert.ok(!("parents" in step(removed, "train b")));
  assert.deepEqual(removed.run, { pause_at: ["compare"] });
  assert.deepEqual(Object.keys(removed.layout), ["train a", "train b"]);
  const healed = removeSteps(SAMPLE, ["clean", "train b"], { heal: true });
  assert.deepEqual(edges(healed), ["load > train a: reference", "load > compare: order", "train a > compare: reference"]);
  assert.equal(removeSteps(SAMPLE, ["nobody"]), SAMPLE);
});

test("a renamed step is renamed everywhere", () => {
  const rich = {
    ...SAMPLE,
    defaults: { queue: "${load.queue}" },
    groups: [{ name: "data", for_each: { list: "${load.items}" } }],
    steps: [...SAMPLE.steps, { name: "last", template: "x", when: "${load.n} > 3", for_each: { list: "${load.items}" }, queue: "${load.q}", loop: { until: "${load.ok}" } }],
  };
  const renamed = renameStep(rich, "load", "load it");
  assert.ok(!JSON.stringify(renamed).includes("${load."));
  assert.deepEqual(step(renamed, "clean").parents, ["load it"]);
  assert.deepEqual(renamed.run.pause_at, ["compare", "load it"]);
  assert.deepEqual(renamed.layout["load it"], [0, 0]);
  assert.equal(renamed.groups[0].for_each.list, "${`load it`.items}");
  assert.deepEqual(renameStep(renamed, "load it", "load"), rich);
  assert.equal(step(renamed, "train b"), step(SAMPLE, "train b"));
});

for (const [to, says] of [["clean", /already a step/], ["", /needs a name/], ["a/b", /made of letters/], ["item", /reserved/], [" a", /begin or end/], ["x".repeat(129), /at most 128/]]) {
  test(`a step cannot be called “${String(to).slice(0, 8)}”`, () => {
    assert.throws(() => renameStep(SAMPLE, "load", String(to)), { message: says });
  });
}

test("single values are set and taken away, and nothing empty stays behind", () => {
  const set = setStepField(SAMPLE, "load", ["retries", "number"], 3);
  assert.deepEqual(step(set, "load").retries, { number: 3 });
  assert.deepEqual(setStepField(set, "load", "retries.number", undefined), SAMPLE);
  assert.equal(setStepField(set, "load", "retries.number", 3), set);
  assert.ok(!("parameters" in step(setStepField(SAMPLE, "load", ["parameters", "General/rows"], undefined), "load")));
  const empty = setStepField(SAMPLE, "load", ["parameters", "General/rows"], {});
  assert.deepEqual(step(empty, "load").parameters, { "General/rows": {} });
  assert.deepEqual(setField(SAMPLE, "defaults.retries.number", 2).defaults, { retries: { number: 2 } });
  assert.ok(!("defaults" in setField(setField(SAMPLE, "defaults.retries.number", 2), "defaults.retries.number", undefined)));
  assert.deepEqual(setField(SAMPLE, "parameters[0].default", 5).parameters[0].default, 5);
  assert.equal(step(setField(SAMPLE, "steps[1].queue", "gpu"), "clean").queue, "gpu");
  assert.equal(step(setField(SAMPLE, "steps[1].name", "wash"), "wash").group, "data");
});

test("a parameter may be called __proto__", () => {
  const odd = setStepField(SAMPLE, "load", ["parameters", "__proto__"], 1);
  assert.ok(Object.hasOwn(step(odd, "load").parameters, "__proto__"));
  assert.deepEqual(setStepField(odd, "load", ["parameters", "__proto__"], undefined), SAMPLE);
});

test("steps move; one without a place starts where it is shown", () => {
  const moved = moveSteps(SAMPLE, ["load", "compare"], 5, -5, () => [700, 0]);
  assert.deepEqual(moved.layout, { ...SAMPLE.layout, load: [5, -5], compare: [705, -5] });
  assert.equal(moveSteps(SAMPLE, ["load"], 0, 0), SAMPLE);
});
