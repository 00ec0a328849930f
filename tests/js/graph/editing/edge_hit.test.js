/** Which edge is under the pointer. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { edgeNear, middleOf, pointsOf } from "../../../../static/js/graph/editing/edge_hit.js";
import { placedLayout, SPACING } from "../../../../static/js/graph/layout.js";
import { buildModel } from "../../../../static/js/graph/model.js";
import { edgeBoxes } from "../../../../static/js/graph/paint/edge_path.js";
import { graphOf } from "../../harness/graphs.js";

const model = buildModel(graphOf([["a", []], ["b", [0]], ["c", [0]]]));
const layout = placedLayout(Float32Array.of(0, 400, 400), Float32Array.of(0, 0, 200), 2);
const port = SPACING.nodeHeight / 2;

test("a level edge is a line, a steep one is met on its curve", () => {
  assert.equal(edgeNear(model, layout, [0, 1], 300, port + 3, 6), 0);
  const [x, y] = middleOf(model, layout, 1);
  assert.deepEqual([x, y], [(SPACING.nodeWidth + 400) / 2, 100 + port]);
  assert.equal(edgeNear(model, layout, [0, 1], x, y, 6), 1);
  assert.equal(edgeNear(model, layout, [0, 1], x, y + 60, 6), null);
});

test("where two are near, the nearer one is met", () => {
  assert.equal(edgeNear(model, layout, [0, 1], SPACING.nodeWidth + 60, port + 30, 40), 1);
  assert.equal(edgeNear(model, layout, [0, 1], SPACING.nodeWidth + 60, port - 2, 40), 0);
});

test("a curve that runs backwards stays within the box that it is looked for in", () => {
  const back = placedLayout(Float32Array.of(2000, 0, 0), Float32Array.of(0, 300, 0), 2);
  const boxes = edgeBoxes(model, back);
  for (const [x] of pointsOf(model, back, 0)) assert.ok(x >= boxes[0] && x <= boxes[2], `${x} in ${boxes[0]}..${boxes[2]}`);
});
