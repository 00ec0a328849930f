import assert from "node:assert/strict";
import test from "node:test";

import { findSteps, nextFound, searchTexts } from "../../../static/js/graph/find.js";
import { lineageOf } from "../../../static/js/graph/lineage.js";
import { buildModel } from "../../../static/js/graph/model.js";
import { graphOf } from "../harness/graphs.js";

const nodes = [
  { index: 0, name: "Load", template: "etl/Load", parents: [] },
  { index: 1, name: "train fold 1", template: "ml/Fit", parents: [0] },
  { index: 2, name: "train fold 12", template: "ml/Fit", parents: [0] },
];
const statuses = ["completed", "failed", "running"];
const find = (sought) => findSteps(searchTexts(nodes), (step) => statuses[step], sought);

test("every word must be in the name, in the template or begin the status", () => {
  assert.deepEqual(find({ words: "fold 1" }), [1, 2]);
  assert.deepEqual(find({ words: "ml 12" }), [2]);
  assert.deepEqual(find({ words: "TRAIN fail" }), [1]);
  assert.deepEqual(find({ words: "nothing" }), []);
  assert.deepEqual(find({ words: "  " }), [0, 1, 2]);
});

test("a status narrows what the words find", () => {
  assert.deepEqual(find({ words: "fold", status: "running" }), [2]);
});

test("next and previous go round", () => {
  assert.equal(nextFound([2, 5, 9], -1, 1), 2);
  assert.equal(nextFound([2, 5, 9], 5, 1), 9);
  assert.equal(nextFound([2, 5, 9], 9, 1), 2);
  assert.equal(nextFound([2, 5, 9], 5, -1), 2);
  assert.equal(nextFound([2, 5, 9], 2, -1), 9);
  assert.equal(nextFound([], 2, 1), null);
});

test("a lineage is what leads to a step and what follows from it", () => {
  //  a ─ b ─ d ─ f
  //  └── c ─ e
  const model = buildModel(graphOf([["a", []], ["b", [0]], ["c", [0]], ["d", [1]], ["e", [2]], ["f", [3]]]));
  assert.deepEqual([...lineageOf(model, 1)], [1, 1, 0, 1, 0, 1]);
  assert.deepEqual([...lineageOf(model, 0)], [1, 1, 1, 1, 1, 1]);
  assert.deepEqual([...lineageOf(model, 4)], [1, 0, 1, 0, 1, 0]);
});
