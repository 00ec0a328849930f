/** Reported values are gathered from a cursor on, and put over one axis. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Reported, aligned, short } from "../../../static/js/widgets/plots/series.js";

const told = (series, first, points, newest, count = first + points.length) => ({ title: "loss", series, first, points, newest, count });

test("what comes is put behind what is known, and the cursor goes on", () => {
  const reported = new Reported();
  assert.ok(reported.take([told("train", 0, [[0, 3], [1, 2]], 7), told("test", 0, [[0, 4]], 9)]));
  assert.ok(reported.take([told("train", 2, [[2, 1]], 12)]));
  assert.equal(reported.cursor, 12);
  assert.deepEqual(reported.titles.get("loss")?.get("train")?.points, [[0, 3], [1, 2], [2, 1]]);
});

test("a thinned series goes on by its count", () => {
  const reported = new Reported();
  reported.take([told("train", 0, [[0, 1], [9999, 2]], 7, 10_000)]);
  assert.ok(reported.take([told("train", 10_000, [[10_000, 3]], 8)]));
});

test("a gap, or too many points, is told so that all is asked for anew", () => {
  const reported = new Reported();
  reported.take([told("train", 0, [[0, 3]], 7)]);
  assert.equal(reported.take([told("train", 2, [[2, 1]], 12)]), false);
  const many = new Reported();
  assert.equal(many.take([told("train", 0, Array.from({ length: 6001 }, (_, n) => [n, n]), 7)]), false);
});

test("lines with other steps share one axis in order", () => {
  assert.deepEqual(aligned([[[0, 1], [20, 2], [10, 5]], [[10, 7]]]), [[0, 10, 20], [1, 5, 2], [null, 7, null]]);
});

test("of two values at a step the later counts, and values without a step stand at their number", () => {
  assert.deepEqual(aligned([[[5, 1], [5, 2]]]), [[5], [2]]);
  assert.deepEqual(aligned([[[null, 1], [null, 2]]]), [[0, 1], [1, 2]]);
});

test("what cannot be drawn is left out: infinities, and on a logarithmic scale what is not positive", () => {
  assert.deepEqual(aligned([[[0, Infinity], [1, null], [2, -1], [3, 4]]])[1], [null, null, -1, 4]);
  assert.deepEqual(aligned([[[0, 0], [1, -1], [2, 4]]], true)[1], [null, null, 4]);
});

for (const [value, text] of [[0, "0"], [0.123456, "0.1235"], [1234567, "1.23e+6"], [null, "–"], [1500, "1500"]]) {
  test(`${value} is written ${text}`, () => assert.equal(short(value), text));
}
