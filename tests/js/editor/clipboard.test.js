/** Copies: beside their originals, in another place, in another pipeline. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { copyText, duplicate, paste, renameParameter } from "../../../static/js/editor/model/commands.js";
import { EMPTY, newSteps, NotPossible } from "../../../static/js/editor/model/document.js";
import { names, SAMPLE, step } from "./documents.js";

test("duplicates come after the same parents, and refer to each other", () => {
  const after = duplicate(SAMPLE, ["train a", "compare"], [10, 20]);
  assert.deepEqual(newSteps(SAMPLE, after), ["train a-2", "compare-2"]);
  assert.deepEqual(step(after, "train a-2").parents, ["clean"]);
  assert.deepEqual(step(after, "compare-2").parameters.scores, ["${`train a-2`.score}", "${`train b`.outputs.score} $${x}"]);
  assert.deepEqual(after.layout?.["train a-2"], [490, -40]);
});

test("another pipeline gets the steps with what they need around them", () => {
  const after = paste(EMPTY, copyText(SAMPLE, ["load", "clean", "train b"]), [100, 100]);
  assert.deepEqual(names(after), ["load", "clean", "train b"]);
  assert.deepEqual(after.parameters, SAMPLE.parameters);
  assert.deepEqual(after.groups, SAMPLE.groups);
  assert.deepEqual(after.layout, { load: [100, 100], clean: [340, 100], "train b": [580, 160] });
  assert.deepEqual(step(after, "train b").parents, ["clean"]);
});

test("parents outside are kept only when asked and there", () => {
  const text = copyText(SAMPLE, ["train b"]);
  assert.ok(!("parents" in step(paste(SAMPLE, text), "train b-2")));
  assert.deepEqual(step(paste(SAMPLE, text, null, { withParents: true }), "train b-2").parents, ["clean"]);
  assert.ok(!("parents" in step(paste(EMPTY, text, null, { withParents: true }), "train b")));
});

test("pasting twice gives other names, and what is there already is not added again", () => {
  const text = copyText(SAMPLE, ["load"]);
  const after = paste(paste(SAMPLE, text), text);
  assert.deepEqual(names(after).slice(-2), ["load-2", "load-3"]);
  assert.equal(after.parameters?.length, 1);
});

test("a whole document can be pasted", () => {
  assert.deepEqual(names(paste(EMPTY, JSON.stringify(SAMPLE))), names(SAMPLE));
});

for (const text of ["", "hello", "3", "null", "{}", '{"steps": []}', '{"steps": [3]}', '{"steps": [{"name": 3}]}', '{"steps": {"name": "x"}}']) {
  test(`no copied steps: ${text}`, () => assert.throws(() => paste(SAMPLE, text), NotPossible));
}

test("a parameter of the run is renamed wherever it is referred to", () => {
  const renamed = renameParameter(SAMPLE, "rows", "lines");
  assert.equal(renamed.parameters?.[0].name, "lines");
  assert.equal(step(renamed, "load").parameters["General/rows"], "${pipeline.lines}");
  assert.equal(step(renamed, "compare"), step(SAMPLE, "compare"));
  assert.deepEqual(renameParameter(renamed, "lines", "rows"), SAMPLE);
  assert.throws(() => renameParameter(SAMPLE, "depth", "x"), /no parameter “depth”/);
  assert.throws(() => renameParameter(SAMPLE, "rows", ""), /needs a name/);
});
