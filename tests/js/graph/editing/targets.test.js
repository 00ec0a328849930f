/** Which steps an edge may lead to, and why the others may not. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { nextTarget } from "../../../../static/js/graph/editing/next_target.js";
import { pathBetween, possibleTargets, refusal } from "../../../../static/js/graph/editing/targets.js";
import { buildModel } from "../../../../static/js/graph/model.js";
import { graphOf } from "../../harness/graphs.js";

//  load(0) → clean(1) → train(2) → report(4)
//                     ↘ score(3) ↗            alone(5)
const model = buildModel(graphOf([["load", []], ["clean", [0]], ["train", [1]], ["score", [1]], ["report", [2, 3]], ["alone", []]]));

/** @param {Uint8Array} mask */
const names = (mask) => [...mask.keys()].filter((step) => mask[step]).map((step) => model.nodes[step].name);

test("a step may lead to whatever does not lead to it and is not its child yet", () => {
  assert.deepEqual(names(possibleTargets(model, 1, true)), ["report", "alone"]);
  assert.deepEqual(names(possibleTargets(model, 4, true)), ["alone"]);
  assert.deepEqual(names(possibleTargets(model, 5, true)), ["load", "clean", "train", "score", "report"]);
});

test("backwards it may come from whatever does not follow from it and is not its parent yet", () => {
  assert.deepEqual(names(possibleTargets(model, 2, false)), ["load", "score", "alone"]);
  assert.deepEqual(names(possibleTargets(model, 0, false)), ["alone"]);
});

test("what is possible is what is not refused", () => {
  for (let parent = 0; parent < model.size; parent += 1) {
    const forwards = possibleTargets(model, parent, true);
    for (let child = 0; child < model.size; child += 1) {
      assert.equal(forwards[child] === 1, refusal(model, parent, child) === null, `${parent} to ${child}`);
      assert.equal(possibleTargets(model, child, false)[parent], forwards[child]);
    }
  }
});

test("a refusal says why, with the way round by names", () => {
  assert.equal(refusal(model, 4, 1), "That would be a circle: clean → train → report → clean.");
  assert.equal(refusal(model, 0, 1), "clean already comes after load.");
  assert.equal(refusal(model, 3, 3), "score cannot wait for itself.");
  assert.equal(refusal(model, 0, 5), null);
});

test("a circle that is there already does not go on for ever", () => {
  const round = buildModel(graphOf([["a", [1]], ["b", [0]], ["c", []]]));
  assert.deepEqual([...possibleTargets(round, 0, true)], [0, 0, 1]);
  assert.deepEqual(pathBetween(round, 0, 1), [0, 1]);
});

test("arrows lead to the nearest possible step on their side", () => {
  const layout = /** @type {any} */ ({ x: Float32Array.of(0, 300, 300, 600), y: Float32Array.of(0, 0, 100, 0) });
  assert.equal(nextTarget(layout, [1, 2, 3], 0, "ArrowRight"), 1);
  assert.equal(nextTarget(layout, [2, 3], 0, "ArrowRight"), 2);
  assert.equal(nextTarget(layout, [1, 2, 3], 1, "ArrowDown"), 2);
  assert.equal(nextTarget(layout, [1, 2, 3], 3, "ArrowRight"), null);
  assert.equal(nextTarget(layout, [1, 2, 3], 0, "End"), 3);
  assert.equal(nextTarget(layout, [], 0, "Home"), null);
});
