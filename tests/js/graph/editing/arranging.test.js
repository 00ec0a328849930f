/** The automatic layout of some steps: where they are, with the edges between them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { arranged, partOf } from "../../../../static/js/graph/editing/arranging.js";
import { around, grown, touches } from "../../../../static/js/graph/editing/boxes.js";
import { buildModel, parentsOf } from "../../../../static/js/graph/model.js";
import { graphOf } from "../../harness/graphs.js";

const model = buildModel(graphOf([["load", []], ["clean", [0]], ["train", [1]], ["report", [2]]]));

test("only the steps that are asked for, their corner stays", async () => {
  const x = Float32Array.of(0, 700, 300, 900);
  const y = Float32Array.of(0, 410, 500, 0);
  const places = await arranged(model, x, y, [1, 2]);
  assert.deepEqual(places.map(([step]) => step), [1, 2]);
  const [[, clean], [, train]] = places;
  assert.deepEqual(clean, [300, 410]);
  assert.ok(train[0] > clean[0] + 208);
  assert.equal(train[1], clean[1]);
  assert.deepEqual(await arranged(model, x, y, []), []);
});

test("edges to steps outside do not count", () => {
  const part = partOf(model, [0, 2, 3]);
  assert.deepEqual(part.nodes.map(({ name }) => name), ["load", "train", "report"]);
  assert.deepEqual([...parentsOf(part, 1)], []);
  assert.deepEqual([...parentsOf(part, 2)], [1]);
});

test("boxes are joined, grown and met", () => {
  const a = { left: 0, top: 0, right: 10, bottom: 10 };
  const b = { left: 20, top: -5, right: 30, bottom: 5 };
  assert.deepEqual(around([a, b]), { left: 0, top: -5, right: 30, bottom: 10 });
  assert.equal(around([]), null);
  assert.ok(!touches(a, b));
  assert.ok(touches(grown(a, 10), b));
});
