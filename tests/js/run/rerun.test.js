/** What the rerun's sheet offers and says. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { waysOf } from "../../../static/js/run/rerun/ways.js";
import { countsTold, gravest, namesByEffect, stepsAsked, timeTold, workTold } from "../../../static/js/run/rerun/words.js";

const nothing = { step: null, follows: false, chosen: [], failed: 0, stale: 0 };
const keys = (/** @type {any} */ now) => waysOf({ ...nothing, ...now }).map(({ key }) => key);

test("only ways that lead somewhere are offered", () => {
  assert.deepEqual(keys({}), ["all"]);
  assert.deepEqual(keys({ step: "train" }), ["step", "all"]);
  assert.deepEqual(keys({ step: "train", follows: true, failed: 2, stale: 1 }), ["step", "from", "failed", "stale", "all"]);
  assert.deepEqual(keys({ chosen: ["a", "b"] }), ["selection", "below", "all"]);
});

test("values can be changed where one step is meant", () => {
  const [selection] = waysOf({ ...nothing, chosen: ["a"] });
  assert.equal(selection.step, "a");
  assert.deepEqual(selection.body, { steps: ["a"] });
  assert.equal(waysOf({ ...nothing, chosen: ["a", "b"] })[0].step, null);
});

/** @param {Record<string, string>} effects @param {any} rest */
function preview(effects, rest = {}) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const effect of Object.values(effects)) counts[effect] = (counts[effect] ?? 0) + 1;
  const steps = Object.fromEntries(Object.entries(effects).map(([name, effect]) => [name, { effect, attempt: 2, usual_seconds: rest.usual ?? null }]));
  return { change: 1, refused: null, steps, counts, expected_seconds: null, based_on: "", ...rest };
}

test("what is gravest is told first, and what stays as it is not at all", () => {
  const shown = preview({ a: "reused", b: "will run", c: "aborted first", d: "unchanged", e: "will run" });
  assert.deepEqual(countsTold(shown), [["aborted first", 1], ["will run", 2], ["reused", 1]]);
  assert.deepEqual(namesByEffect(shown).get("will run"), ["b", "e"]);
  assert.equal(workTold(shown), "1 aborted first, 2 will run");
  assert.deepEqual(stepsAsked(shown), ["a", "b", "c", "d", "e"]);
  assert.equal(gravest(["reused", undefined, "may run"]), "may run");
  assert.equal(gravest(["unchanged"]), "");
});

test("the time is said with what it was taken from, and is never made up", () => {
  const effects = { a: "will run" };
  assert.equal(timeTold(preview(effects, { usual: 130, expected_seconds: 130, based_on: "12 earlier attempts" })), "About 2 min 10 s, from 12 earlier attempts.");
  assert.equal(timeTold(preview(effects, { based_on: "no earlier runs of a" })), "How long is not known: no earlier runs of a.");
  assert.match(timeTold(preview(effects, { expected_seconds: 9, based_on: "1 earlier attempt; no earlier runs of a" })), /At least 9\.0 s/);
});
