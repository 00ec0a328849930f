/** What cards say: durations, the second line, the accessible name, the spoken sentence. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { cardLine, cardName, changesSentence, durationText, splitName } from "../../../static/js/graph/card_text.js";
import { statesOf } from "../../../static/js/graph/states.js";

const NOW = Date.parse("2026-11-22T10:01:00Z");

/** @param {string} letter @param {{attempt?: number, started?: string, ended?: string, reason?: string, stale?: boolean}} [rest] */
function state(letter, { attempt = 1, started, ended, reason, stale } = {}) {
  const time = (/** @type {string | undefined} */ clock) => [clock ? `2026-11-22T${clock}Z` : null];
  return statesOf({
    statuses: letter, attempts: [attempt], started: time(started), ended: time(ended), stale: stale ? "1" : "0",
    ...(reason ? { reasons: { 0: reason } } : {}),
  }).at(0);
}

const DURATIONS = /** @type {const} */ ([
  [0, "0 ms"], [40, "40 ms"], [99, "99 ms"], [100, "0.1 s"], [3210, "3.2 s"], [9949, "9.9 s"], [12_400, "12 s"],
  [59_400, "59 s"], [59_600, "1 m 00 s"], [62_000, "1 m 02 s"], [3_600_000, "1 h 00 m"], [7_500_000, "2 h 05 m"],
  [97_200_000, "1 d 03 h"], [-5000, "0 ms"],
]);

for (const [milliseconds, text] of DURATIONS) {
  test(`${milliseconds} ms are written as ${text}`, () => assert.equal(durationText(milliseconds), text));
}

test("a running clock shows whole seconds and never runs ahead", () => {
  assert.equal(durationText(3999, true), "3 s");
  assert.equal(durationText(61_999, true), "1 m 01 s");
});

const LINES = /** @type {[string, import("../../../static/js/graph/states.js").StepState, string][]} */ ([
  ["a running step shows its clock", state("r", { started: "10:00:48" }), "running · 12 s"],
  ["a completed step shows how long it took", state("c", { started: "10:00:00", ended: "10:00:03.200" }), "completed · 3.2 s"],
  ["a failed step shows its reason", state("f", { reason: "exit code 1", ended: "10:00:03" }), "failed · exit code 1"],
  ["a later attempt is named", state("r", { attempt: 2, started: "10:00:48" }), "running · 12 s · attempt 2"],
  ["a pending step shows why", state("p", { attempt: 0, reason: "retry in 8 s" }), "pending · retry in 8 s"],
  ["a pending step shows no duration of an earlier attempt", state("p", { started: "10:00:00", ended: "10:00:09" }), "pending"],
  ["a planned step names what it will do", state("d", { reason: "sample/train v1" }), "sample/train v1"],
  ["a step without times shows its status alone", state("r"), "running"],
]);

for (const [title, given, line] of LINES) test(title, () => assert.equal(cardLine(given, NOW), line));

test("a card's name says everything that the picture shows", () => {
  assert.equal(
    cardName("train fold 3", state("f", { attempt: 2, stale: true }), 2, 1),
    "train fold 3, failed, stale, attempt 2, 2 parents, 1 child",
  );
  assert.equal(cardName("load", state("c"), 0, 3), "load, completed, no parents, 3 children");
});

test("a long name keeps its end", () => {
  assert.deepEqual(splitName("train with fold 12"), ["train with fol", "d 12"]);
  assert.deepEqual(splitName("load"), ["load", ""]);
});

test("many changes are one sentence, with names only where they are few", () => {
  const names = new Map([["completed", ["a", "b", "c"]], ["failed", ["train fold 3"]]]);
  assert.equal(changesSentence(names), "3 completed, 1 failed: train fold 3");
});
