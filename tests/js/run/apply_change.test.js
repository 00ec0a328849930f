/** The browser folds changes as the server does: both run tests/scenarios/changes. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { applyChange, applyInto } from "../../../static/js/run/apply_change.js";
import { viewOf } from "../../../static/js/run/snapshot.js";

const folder = new URL("../../scenarios/changes/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
const scenarios = files.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));

test("there are scenarios", () => assert.ok(files.length >= 12));

for (const { title, before, changes, after } of scenarios) {
  test(`one by one: ${title}`, () => {
    const untouched = structuredClone(before);
    let view = before;
    for (const change of changes) view = applyChange(view, change);
    assert.deepEqual(view, after);
    assert.deepEqual(before, untouched);
  });

  test(`in place, twice: ${title}`, () => {
    const view = structuredClone(before);
    assert.equal(applyInto(view, changes), view);
    applyInto(view, changes);
    assert.deepEqual(view, after);
  });
}

test("a kind that nobody knows is an error, not a guess", () => {
  const change = { n: 1, kind: "exploded", data: {} };
  assert.throws(() => applyChange({ number: 0, run: {}, steps: {}, attempts: {} }, change), /exploded/);
});

test("a snapshot becomes the view that changes are folded into", () => {
  const view = viewOf({
    number: 9, run: { status: "running" }, statuses: "cr", stale: "10", attempts: [1, 2],
    started: ["2026-01-02T12:00:00Z", null], ended: [null, null], reasons: { 1: "why" }, progress: { 1: 0.5 },
  });
  assert.equal(view.number, 9);
  assert.deepEqual(view.steps[0], {
    status: "completed", reason: "", stale: true, attempt: 1, progress: null,
    started_at: "2026-01-02T12:00:00Z", ended_at: null,
  });
  assert.equal(view.steps[1].progress, 0.5);
  assert.equal(view.steps[1].reason, "why");
});
