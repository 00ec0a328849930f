/** The table's order: by a column, up and down, and back to the graph's. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { nextOrder, sorted } from "../../../static/js/run/sorting.js";

const names = ["load", "Clean", "train", "report"];
const steps = {
  0: { status: "completed", attempt: 1, started_at: "2026-01-02T12:00:00Z", ended_at: "2026-01-02T12:00:05Z" },
  1: { status: "failed", attempt: 3, started_at: "2026-01-02T12:00:05Z", ended_at: "2026-01-02T12:00:06Z" },
  2: { status: "running", attempt: 1, started_at: "2026-01-02T12:00:06Z", ended_at: null },
  3: { status: "pending", attempt: 0, started_at: null, ended_at: null },
};

for (const [by, down, wanted] of [
  ["name", false, [1, 0, 3, 2]],
  ["name", true, [2, 3, 0, 1]],
  ["status", false, [0, 1, 2, 3]],
  ["attempt", true, [1, 0, 2, 3]],
  ["took", false, [3, 1, 0, 2]],
]) {
  test(`by ${by}, ${down ? "down" : "up"}`, () => assert.deepEqual(sorted(steps, names, { by, down }), wanted));
}

test("without an order it is the graph's", () => assert.deepEqual(sorted(steps, names, null), [0, 1, 2, 3]));

test("one press sorts up, two down, three not at all", () => {
  const once = nextOrder(null, "name");
  assert.deepEqual(once, { by: "name", down: false });
  const twice = nextOrder(once, "name");
  assert.deepEqual(twice, { by: "name", down: true });
  assert.equal(nextOrder(twice, "name"), null);
  assert.deepEqual(nextOrder(twice, "took"), { by: "took", down: false });
});
