/** What is selected: adding, taking out, what is left of it after a change. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { driftAt } from "../../../../static/js/graph/editing/gestures/autopan.js";
import { boxBetween } from "../../../../static/js/graph/editing/boxes.js";
import {
  isSame, joined, keptSelection, NOTHING, selectionOf, selectionSentence, toggled,
} from "../../../../static/js/graph/editing/selection.js";

const two = selectionOf({ steps: new Set([1, 2]), edges: new Set(["1-2"]) });

test("a click that adds takes out what is there as a whole", () => {
  assert.deepEqual([...toggled(two, { steps: new Set([3]) }).steps], [1, 2, 3]);
  assert.deepEqual([...toggled(two, { steps: new Set([2]) }).steps], [1]);
  assert.deepEqual([...toggled(two, { steps: new Set([2, 3]) }).steps], [1, 2, 3]);
  assert.ok(isSame(toggled(two, {}), two));
});

test("a marquee adds, and is a box whichever way it is drawn", () => {
  assert.deepEqual([...joined(two, { steps: new Set([2, 4]) }).steps], [1, 2, 4]);
  assert.deepEqual(boxBetween([10, 5], [2, 7]), { left: 2, top: 5, right: 10, bottom: 7 });
});

test("after a change steps are known by their new numbers, and what has gone is not selected", () => {
  const numbers = Int32Array.of(-1, 0, 1);
  const kept = keptSelection(two, numbers, { edges: [{ parent: 0, child: 1 }] });
  assert.deepEqual([[...kept.steps], [...kept.edges]], [[0, 1], ["0-1"]]);
  const cut = keptSelection(two, numbers, { edges: [] });
  assert.equal(cut.edges.size, 0);
});

test("it is told in words", () => {
  assert.equal(selectionSentence(NOTHING), "Nothing selected.");
  assert.equal(selectionSentence(two), "2 steps and 1 edge selected.");
  assert.equal(selectionSentence(selectionOf({ notes: new Set([0]) })), "1 note selected.");
});

test("near a border the picture drifts, the faster the nearer", () => {
  const view = { width: 800, height: 600 };
  assert.deepEqual(driftAt({ x: 400, y: 300 }, view), [0, 0]);
  const [slow, fast] = [driftAt({ x: 780, y: 300 }, view)[0], driftAt({ x: 799, y: 300 }, view)[0]];
  assert.ok(fast < slow && slow < 0);
  assert.ok(driftAt({ x: 400, y: -20 }, view)[1] > 0);
});
