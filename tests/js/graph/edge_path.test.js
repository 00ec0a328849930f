/** The way of an edge on paper: from port to port, level through the columns between, inside its box. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { layoutGraph } from "../../../static/js/graph/layout.js";
import { SvgPen, edgeBoxes, traceEdge, traceEdgeStraight } from "../../../static/js/graph/paint/edge_path.js";
import { CHAIN, DIAMOND, LONG_EDGE, fanOut } from "./named_graphs.js";

/** @param {import("../../../static/js/graph/model.js").Model} model @param {number} edge @param {typeof traceEdge} trace */
function drawn(model, edge, trace = traceEdge) {
  const pen = new SvgPen();
  trace(pen, model, layoutGraph(model), edge);
  return pen.toString();
}

test("an edge between cards of one height is a line", () => {
  assert.match(drawn(CHAIN, 0), /^M208 26L\d+ 26$/);
});

test("an edge between different heights is a curve that leaves and arrives level", () => {
  const path = drawn(DIAMOND, 0);
  const numbers = (path.match(/-?[\d.]+/g) ?? []).map(Number);
  const [, startY, , handleY, , arriveY, , endY] = numbers;
  assert.match(path, /^M.*C/);
  assert.equal(startY, handleY);
  assert.equal(arriveY, endY);
});

test("a long edge is level in each column that it crosses", () => {
  assert.equal(drawn(LONG_EDGE, LONG_EDGE.parentStart[3]).match(/L/g)?.length, 2);
});

for (const [name, model] of Object.entries({ DIAMOND, LONG_EDGE, folded: fanOut(200) })) {
  test(`every point of every edge of ${name} lies in the edge's box`, () => {
    const layout = layoutGraph(model);
    const boxes = edgeBoxes(model, layout);
    for (let edge = 0; edge < model.parents.length; edge += 1) {
      const numbers = (drawn(model, edge, traceEdgeStraight).match(/-?[\d.]+/g) ?? []).map(Number);
      const [left, top, right, bottom] = boxes.subarray(edge * 4, edge * 4 + 4);
      for (let i = 0; i < numbers.length; i += 2) {
        assert.ok(numbers[i] >= left && numbers[i] <= right, `x ${numbers[i]} of edge ${edge}`);
        assert.ok(numbers[i + 1] >= top && numbers[i + 1] <= bottom, `y ${numbers[i + 1]} of edge ${edge}`);
      }
    }
  });
}
