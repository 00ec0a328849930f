/** Where things stand: the grid, steps without a place, what stays when the document changes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Picture, renumbered } from "../../../../static/js/graph/editing/picture.js";
import { placeMissing } from "../../../../static/js/graph/editing/placing.js";
import { snapped, snappedMove } from "../../../../static/js/graph/editing/snapping.js";
import { SPACING } from "../../../../static/js/graph/layout.js";
import { buildModel } from "../../../../static/js/graph/model.js";
import { Steps } from "../../../../static/js/graph/steps.js";
import { graphOf } from "../../harness/graphs.js";

test("what is held lands on the grid, whatever it stood on", () => {
  assert.equal(snapped(-14), -10);
  assert.ok(Object.is(snapped(-3), 0));
  assert.deepEqual(snappedMove([3, 100], 21, 4), [17, 0]);
});

/** @param {Float32Array} x @param {Float32Array} y */
function overlaps(x, y) {
  for (let a = 0; a < x.length; a += 1) {
    for (let b = 0; b < a; b += 1) {
      if (Math.abs(x[a] - x[b]) < SPACING.nodeWidth && Math.abs(y[a] - y[b]) < SPACING.nodeHeight) return [a, b];
    }
  }
  return null;
}

test("a step without a place stands right of its parents, where nothing is", () => {
  const model = buildModel(graphOf([["load", []], ["clean", [0]], ["train", [0]], ["score", [0]]]));
  const x = Float32Array.of(0, 280, NaN, NaN);
  const y = Float32Array.of(100, 100, NaN, NaN);
  placeMissing(model, x, y);
  assert.deepEqual([x[2], x[3]], [280, 280]);
  assert.equal(overlaps(x, y), null);
});

test("without parents it stands before its children, or below everything", () => {
  const model = buildModel(graphOf([["load", []], ["clean", [0]], ["alone", []]]));
  const x = Float32Array.of(NaN, 500, NaN);
  const y = Float32Array.of(NaN, 60, NaN);
  placeMissing(model, x, y);
  assert.deepEqual([x[0], y[0]], [220, 60]);
  assert.ok(y[2] > 60 + SPACING.nodeHeight);
});

test("chains and circles without a place find one", () => {
  const chain = buildModel(graphOf([["a", []], ["d", [2]], ["c", [3]], ["b", [0]]]));
  const x = Float32Array.of(0, NaN, NaN, NaN);
  const y = Float32Array.of(0, NaN, NaN, NaN);
  placeMissing(chain, x, y);
  assert.deepEqual([...x], [0, 840, 560, 280]);
  const circle = buildModel(graphOf([["a", [1]], ["b", [0]]]));
  const [cx, cy] = [Float32Array.of(NaN, NaN), Float32Array.of(NaN, NaN)];
  placeMissing(circle, cx, cy);
  assert.equal(overlaps(cx, cy), null);
});

/** @param {string[]} names @param {([number, number] | null)[]} positions @param {[number, number][]} edges */
const shownOf = (names, positions, edges = []) => ({
  nodes: names.map((name) => ({ name })), positions, edges: edges.map(([parent, child]) => ({ parent, child })),
});

test("steps that nobody has placed are laid out, and stay there when others come", () => {
  const picture = new Picture(new Steps());
  picture.show(shownOf(["load", "train"], [null, null], [[0, 1]]));
  const train = picture.placeOf(1);
  assert.ok(train[0] > SPACING.nodeWidth);
  picture.show(shownOf(["load", "clean", "train"], [null, null, null], [[0, 1], [1, 2]]));
  assert.deepEqual(picture.placeOf(2), train);
  assert.equal(overlaps(picture.x, picture.y), null);
});

test("with most steps unplaced the few that are placed change nothing for the others", () => {
  const [names, edges] = [["a", "b", "c", "d"], /** @type {[number, number][]} */ ([[0, 1], [1, 2], [2, 3]])];
  const before = new Picture(new Steps());
  before.show(shownOf(names, [null, null, null, null], edges));
  const after = new Picture(new Steps());
  after.show(shownOf(names, [null, [280, 300], null, null], edges));
  assert.deepEqual([0, 2, 3].map((step) => after.placeOf(step)), [0, 2, 3].map((step) => before.placeOf(step)));
  assert.deepEqual(after.unplaced().map(([step]) => step), [0, 2, 3]);
  const inTheWay = new Picture(new Steps());
  inTheWay.show(shownOf(names, [null, before.placeOf(3), null, null], edges));
  assert.equal(overlaps(inTheWay.x, inTheWay.y), null);
});

test("a renamed step keeps its place; a new name beside one that has gone does not", () => {
  assert.deepEqual([...renumbered([{ name: "a" }, { name: "b" }], [{ name: "a" }, { name: "c" }])], [0, 1]);
  assert.deepEqual([...renumbered([{ name: "a" }, { name: "b" }], [{ name: "b" }, { name: "a" }])], [1, 0]);
  assert.deepEqual([...renumbered([{ name: "a" }, { name: "b" }], [{ name: "b" }])], [-1, 0]);
});

test("a closed group is one node at the corner of its steps, with their edges", () => {
  const picture = new Picture(new Steps());
  picture.show({
    ...shownOf(["load", "fit", "score", "report"], [[0, 0], [280, 40], [560, 0], [840, 0]], [[0, 1], [1, 2], [2, 3]]),
    groups: [{ name: "training", collapsed: true, steps: [1, 2] }],
  });
  assert.deepEqual(picture.drawn.nodes.map(({ name }) => name), ["load", "training ×2", "report"]);
  const { x, y } = picture.layoutOfNodes();
  assert.deepEqual([x[1], y[1]], [280, 0]);
  assert.deepEqual(picture.keys, [["0-1"], ["2-3"]]);
  assert.deepEqual(picture.stepsOf(1), [1, 2]);
  assert.deepEqual(picture.edgesOf(new Set(["2-3"])), [1]);
});
