/** A table of an artifact is put in order by a column, as what it holds. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { sorted } from "../../../static/js/widgets/table_rows.js";

const order = (cells, type, direction = 1) => sorted(cells.map((cell) => [cell]), 0, type, direction).map(([cell]) => cell);

test("numbers are put in order as numbers, times and words as words", () => {
  assert.deepEqual(order(["10", "9", "1e3", "-inf"], "number"), ["-inf", "9", "10", "1e3"]);
  assert.deepEqual(order(["2026-11-02", "2025-01-01"], "time"), ["2025-01-01", "2026-11-02"]);
  assert.deepEqual(order(["b", "A", "c"], "text", -1), ["c", "b", "A"]);
});

test("what has no value comes last in either order", () => {
  assert.deepEqual(order(["", "2", "1"], "whole"), ["1", "2", ""]);
  assert.deepEqual(order(["", "2", "1"], "whole", -1), ["2", "1", ""]);
  assert.deepEqual(sorted([[], ["1"]], 0, "whole", 1), [["1"], []]);
});
