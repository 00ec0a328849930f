/** The keyboard's walk: arrows follow edges and columns, and everything can be reached. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { layoutGraph } from "../../../static/js/graph/layout.js";
import { isWalkKey, walk } from "../../../static/js/graph/walk.js";
import { CHAIN, DIAMOND, ISLANDS, fanOut, layered } from "./named_graphs.js";

/** @typedef {import("../../../static/js/graph/walk.js").WalkKey} WalkKey */

/** Where the keys lead, one after another. @param {import("../../../static/js/graph/model.js").Model} model
 * @param {number} from @param {WalkKey[]} keys */
const walked = (model, from, ...keys) => {
  const layout = layoutGraph(model);
  return keys.reduce((at, key) => walk(model, layout, at, key), from);
};

test("right goes to a child, left to a parent", () => {
  assert.equal(walked(CHAIN, 0, "ArrowRight"), 1);
  assert.equal(walked(CHAIN, 2, "ArrowLeft"), 1);
});

test("of several children right takes the one straight ahead", () => {
  const model = fanOut(5);
  const layout = layoutGraph(model);
  assert.equal(layout.y[walk(model, layout, 0, "ArrowRight")], layout.y[0]);
});

test("at an end the key leads nowhere", () => {
  assert.equal(walked(CHAIN, 2, "ArrowRight"), 2);
  assert.equal(walked(CHAIN, 0, "ArrowUp"), 0);
});

test("down and up walk through a column", () => {
  const layout = layoutGraph(DIAMOND);
  const [upper, lower] = layout.y[1] < layout.y[2] ? [1, 2] : [2, 1];
  assert.equal(walk(DIAMOND, layout, upper, "ArrowDown"), lower);
  assert.equal(walk(DIAMOND, layout, lower, "ArrowUp"), upper);
});

test("down goes on to the next island", () => {
  assert.equal(walked(ISLANDS, 0, "ArrowDown"), 2);
});

test("home and end go to the first and the last column", () => {
  assert.equal(walked(CHAIN, 1, "Home"), 0);
  assert.equal(walked(CHAIN, 1, "End"), 2);
});

test("in a folded column down passes every step once", () => {
  const model = fanOut(300);
  const layout = layoutGraph(model);
  let at = [...Array(300).keys()].map((i) => i + 1).reduce((a, b) =>
    (layout.y[b] - layout.y[a] || layout.x[b] - layout.x[a]) < 0 ? b : a);
  const seen = new Set([at]);
  for (let i = 0; i < 299; i += 1) {
    at = walk(model, layout, at, "ArrowDown");
    seen.add(at);
  }
  assert.equal(seen.size, 300);
});

test("arrows reach every step of a graph", () => {
  const model = layered(150, 9);
  const layout = layoutGraph(model);
  const reached = new Set([0]);
  for (const at of reached) {
    for (const key of /** @type {WalkKey[]} */ (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"])) {
      reached.add(walk(model, layout, at, key));
    }
  }
  assert.equal(reached.size, 150);
});

test("other keys are not for walking", () => {
  assert.deepEqual(["ArrowLeft", "End", "a", "Enter"].map(isWalkKey), [true, true, false, false]);
});
