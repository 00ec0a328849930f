import assert from "node:assert/strict";
import test from "node:test";

import { Grid } from "../../../static/js/graph/grid.js";
import { bandsOf } from "../../../static/js/graph/paint/edge_path.js";
import { layoutGraph } from "../../../static/js/graph/layout.js";
import { buildModel } from "../../../static/js/graph/model.js";
import { layeredGraph, randomNumbers } from "../harness/graphs.js";

function scattered(count, seed) {
  const random = randomNumbers(seed);
  const boxes = new Float32Array(count * 4);
  for (let i = 0; i < count; i += 1) {
    const [x, y] = [random() * 9000, random() * 3000];
    // Now and then one that reaches far across, as a long edge does.
    boxes.set([x, y, x + (random() < 0.05 ? 5000 : 200), y + 50], i * 4);
  }
  return boxes;
}

test("a grid finds exactly what touches an area, each once and in order", () => {
  const boxes = scattered(700, 3);
  const grid = new Grid(boxes);
  const random = randomNumbers(5);
  for (let i = 0; i < 60; i += 1) {
    const [left, top] = [random() * 9000 - 300, random() * 3000 - 300];
    const area = { left, top, right: left + random() * 2500, bottom: top + random() * 900 };
    const expected = [];
    for (let item = 0; item < 700; item += 1) {
      const [a, b, c, d] = boxes.subarray(item * 4, item * 4 + 4);
      if (a <= area.right && c >= area.left && b <= area.bottom && d >= area.top) expected.push(item);
    }
    assert.deepEqual(grid.find(area), expected);
  }
});

test("a grid looks only at the cells of the area", () => {
  const grid = new Grid(scattered(10_000, 1));
  let looked = 0;
  const near = { left: 100, top: 100, right: 500, bottom: 300 };
  grid.items = new Proxy(grid.items, { get: (items, name) => { looked += 1; return Reflect.get(items, name); } });
  assert.ok(grid.find(near).length > 5);
  assert.ok(looked < 400, `${looked} of 10,000 were looked at`);
});

test("a grid of nothing finds nothing, and a limit ends the search", () => {
  assert.deepEqual(new Grid(new Float32Array(0)).find({ left: 0, top: 0, right: 9, bottom: 9 }), []);
  const grid = new Grid(scattered(2000, 2));
  const found = grid.find({ left: -1, top: -1, right: 1e5, bottom: 1e5 }, 50);
  assert.ok(found.length > 50 && found.length < 2000);
});

test("edges that look the same from afar are one line, and never more lines than asked for", () => {
  const model = buildModel(layeredGraph(3000, 1));
  const layout = layoutGraph(model);
  const all = [...model.parents.keys()];
  assert.ok(bandsOf(model, layout, all, 200, 500).length / 4 <= 500);
  const fine = bandsOf(model, layout, all.slice(0, 40), 1, 500).length / 4;
  assert.ok(fine <= 40 && fine >= 30);
});
