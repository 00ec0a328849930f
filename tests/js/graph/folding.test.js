import assert from "node:assert/strict";
import test from "node:test";

import { withItems } from "../../../static/js/graph/fans.js";
import { fansOf, fold, groupsOf, READABLE, stacksOf } from "../../../static/js/graph/folding.js";
import { ranksOf } from "../../../static/js/graph/layout/ranks.js";
import { buildModel, parentsOf } from "../../../static/js/graph/model.js";
import { plainStates, States } from "../../../static/js/graph/states.js";
import { statusCode } from "../../../static/js/graph/statuses.js";
import { Tally, tallyLine } from "../../../static/js/graph/tally.js";
import { layeredGraph } from "../harness/graphs.js";

const step = (name, parents, more = {}) => ({ name, parents, ...more });
const modelOf = (steps) => buildModel({ revision: 0, nodes: steps.map((each, index) => ({ index, ...each })) });
const keys = (bundles) => new Set(bundles.map(({ key }) => key));

/** load → fit 1 … fit N → join */
function fanOut(count) {
  const steps = [step("load", [], { template: "a/Load" })];
  for (let i = 1; i <= count; i += 1) steps.push(step(`fit ${i}`, [0], { template: "a/Fit" }));
  steps.push(step("join", steps.slice(1).map((_, i) => i + 1), { template: "a/Join" }));
  return modelOf(steps);
}

test("the items of a fan-out are one stack, named by what their names share", () => {
  const model = fanOut(200);
  const [stack, ...others] = stacksOf(model);
  assert.equal(others.length, 0);
  assert.equal(stack.steps.length, 200);
  const folded = fold(model, [stack], keys([stack]));
  assert.deepEqual(folded.model.nodes.map(({ name, parents }) => [name, parents]), [
    ["load", []], ["fit ×200", [0]], ["join", [1]],
  ]);
  assert.equal(folded.nodeOf[150], 1);
  assert.equal(folded.first[2], 201);
});

test("a small chart has no stacks, and steps of another template stand beside", () => {
  assert.deepEqual(stacksOf(fanOut(40)), []);
  const steps = fanOut(200).nodes.map((node) => ({ ...node }));
  steps[7].template = "a/Other";
  const [stack] = stacksOf(modelOf(steps));
  assert.equal(stack.steps.length, 199);
  assert.ok(!stack.steps.includes(7));
});

test("a big picture collapses until it can be read, and keeps its direction", () => {
  // Forty chains of ten: no two steps of one template have the same parent.
  const steps = [];
  for (let chain = 0; chain < 40; chain += 1) {
    for (let i = 0; i < 10; i += 1) steps.push(step(`${"abcdefghij"[i]}${chain}`, i ? [steps.length - 1] : [], { template: `t/${i}` }));
  }
  const model = modelOf(steps);
  const stacks = stacksOf(model);
  const folded = fold(model, stacks, keys(stacks));
  assert.ok(folded.model.size <= READABLE);
  assert.deepEqual([...ranksOf(folded.model)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("ten thousand steps fold without a circle, each step in one node", () => {
  const model = buildModel(layeredGraph(10_000, 1));
  const stacks = stacksOf(model);
  const folded = fold(model, stacks, keys(stacks));
  assert.ok(folded.model.size <= READABLE, `${folded.model.size} nodes`);
  assert.equal(Math.max(...folded.nodeOf), folded.model.size - 1);
  const open = fold(model, stacks, new Set([...keys(stacks)].slice(1)));
  assert.ok(open.model.size > folded.model.size);
});

test("a group is folded, and one that would make a circle stays open", () => {
  const model = modelOf([
    step("a", [], { group: "prepare" }), step("b", [0], { group: "prepare" }),
    step("c", [1], { group: "around" }), step("d", [2]), step("e", [3], { group: "around" }),
  ]);
  const groups = groupsOf(model);
  assert.deepEqual(groups.map(({ name, steps }) => [name, steps]), [["prepare", [0, 1]], ["around", [2, 4]]]);
  const folded = fold(model, groups, keys(groups));
  assert.deepEqual(folded.model.nodes.map(({ name }) => name), ["prepare ×2", "c", "d", "e"]);
  assert.deepEqual([...parentsOf(folded.model, 1)], [0]);
});

test("with nothing closed the model is the one that was given", () => {
  const model = fanOut(200);
  assert.equal(fold(model, stacksOf(model), new Set()).model, model);
});

test("a bundle of a version that does not run says how many steps it has", () => {
  const model = fanOut(200);
  const stacks = stacksOf(model);
  const tally = new Tally(fold(model, stacks, keys(stacks)), plainStates(model));
  assert.equal(tallyLine(tally.counts.get(1)), "200 steps");
});

test("a bundle counts its steps and shows what a person should see first", () => {
  const model = fanOut(200);
  const stacks = stacksOf(model);
  const states = new States(model.size);
  for (let i = 1; i <= 27; i += 1) states.patch(i, { status: "completed" });
  const tally = new Tally(fold(model, stacks, keys(stacks)), states);
  assert.equal(tally.nodes.word(1), "pending");
  states.patch(28, { status: "running" });
  assert.equal(tally.follow(28), 1);
  assert.equal(tally.nodes.word(1), "running");
  states.patch(29, { status: "failed" });
  tally.follow(29);
  assert.equal(tally.nodes.word(1), "failed");
  assert.equal(tallyLine(tally.counts.get(1)), "28/200 done · 1 failed · 1 running");
  assert.equal(tally.counts.get(1)[statusCode("pending")], 171);
  states.patch(0, { status: "running", attempt: 2 });
  assert.equal(tally.follow(0), 0);
  assert.equal(tally.nodes.at(0).attempt, 2);
});

/** load → work, spread out over so many items → join */
function spreadOut(count) {
  const items = Array.from({ length: count }, (_, item) => step(`work[${item}]`, [], { of: 1, item }));
  const steps = [step("load", []), step("work", [0]), step("join", [1]), ...items];
  const nodes = steps.map((each, index) => ({ index, ...each }));
  return buildModel(withItems({ revision: 1, nodes }));
}

test("a fan-out is one card that counts its items and stands as it does itself", () => {
  const model = spreadOut(3);
  const [fan] = fansOf(model);
  const folded = fold(model, [fan], keys([fan]));
  assert.deepEqual(folded.model.nodes.map(({ name, parents }) => [name, parents]), [
    ["load", []], ["work ×3", [0]], ["join", [1]],
  ]);
  const states = new States(model.size);
  for (const [index, status] of [[1, "running"], [3, "completed"], [4, "failed"]]) states.patch(index, { status });
  const tally = new Tally(folded, states);
  assert.equal(tally.nodes.word(1), "running");
  assert.equal(tally.told(1).line, "2/3 done · 1 failed");
  states.patch(5, { status: "completed" });
  assert.equal(tally.follow(5), 1);
  states.patch(1, { status: "failed" });
  assert.equal(tally.follow(1), 1);
  assert.equal(tally.nodes.word(1), "failed");
  assert.equal(tally.told(1).line, "3/3 done · 1 failed");
});

test("the items of an open fan-out stand between it and what follows", () => {
  const model = spreadOut(2);
  assert.deepEqual([2, 3, 4].map((node) => [...parentsOf(model, node)]), [[3, 4], [1], [1]]);
});
