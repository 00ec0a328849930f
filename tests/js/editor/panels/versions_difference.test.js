import assert from "node:assert/strict";
import { test } from "node:test";
import { isSame, summaryOf, textDifference } from "../../../../static/js/editor/panels/versions_difference.js";

const BEFORE = /** @type {any} */ ({
  schema: 1,
  steps: [
    { name: "load", parameters: { rows: 1, path: "a" } },
    { name: "old", parents: ["load"] },
    { name: "train", parents: ["old"], queue: "cpu" },
  ],
  layout: { load: [0, 0] },
});
const AFTER = /** @type {any} */ ({
  schema: 1,
  parameters: [{ name: "rows" }],
  steps: [
    { name: "load", parameters: { path: "a", rows: "${pipeline.rows}" } },
    { name: "new", parents: ["load"] },
    { name: "train", parents: ["new"], queue: "gpu" },
  ],
  layout: { load: [9, 9] },
});

test("steps, fields and connections that differ are named", () => {
  const summary = summaryOf(BEFORE, AFTER);
  assert.deepEqual(summary.added, ["new"]);
  assert.deepEqual(summary.removed, ["old"]);
  assert.deepEqual(summary.changed, [
    { name: "load", fields: ["rows"] },
    { name: "train", fields: ["parents", "queue"] },
  ]);
  assert.deepEqual(summary.edges, { added: ["load → new", "new → train"], removed: ["load → old", "old → train"] });
  assert.deepEqual(summary.other, ["parameters"]);
});

test("where things stand and the order of keys make no difference", () => {
  const moved = { ...BEFORE, layout: { load: [5, 5] }, steps: [{ parameters: { path: "a", rows: 1 }, name: "load" }, ...BEFORE.steps.slice(1)] };
  assert.ok(isSame(summaryOf(BEFORE, moved)));
});

test("the text shows what went and what came, with a few lines around", () => {
  const before = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
  const after = ["1", "2", "3", "4", "five", "6", "7", "8", "9"];
  const lines = textDifference(before, after).map(({ kind, text }) => `${kind} ${text}`);
  assert.deepEqual(lines, ["gap …", "same 2", "same 3", "same 4", "removed 5", "added five", "same 6", "same 7", "same 8", "gap …"]);
  assert.deepEqual(textDifference(before, before), []);
});

test("both texts can be read back from the difference of small ones", () => {
  const texts = [[], ["a"], ["a", "b", "a"], ["b", "a", "b", "c"], ["c", "a"]];
  for (const before of texts) {
    for (const after of texts) {
      const lines = textDifference(before, after);
      if (!lines.length) assert.deepEqual(before, after);
      const side = (/** @type {string} */ without) => lines.filter(({ kind }) => kind !== without).map(({ text }) => text);
      if (lines.length) assert.deepEqual([side("added"), side("removed")], [before, after]);
    }
  }
});
