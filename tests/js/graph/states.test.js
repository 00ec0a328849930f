/** The states of all steps: a snapshot put in whole, and patches that change only what they name. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { buildModel } from "../../../static/js/graph/model.js";
import { States, plainStates, statesOf } from "../../../static/js/graph/states.js";
import { STATUSES, statusCodeOfLetter } from "../../../static/js/graph/statuses.js";

const SNAPSHOT = {
  statuses: "crp", stale: "100", attempts: [1, 2, 0],
  started: ["2026-11-22T10:00:00Z", "2026-11-22T10:00:05Z", null], ended: ["2026-11-22T10:00:04Z", null, null],
  progress: { 1: 0.25 }, reasons: { 2: "waits for train" },
};

test("a snapshot becomes states by index", () => {
  const states = statesOf(SNAPSHOT);
  const [first, second, third] = [states.at(0), states.at(1), states.at(2)];
  assert.deepEqual([first.status, first.stale, first.endedAt - first.startedAt], ["completed", true, 4000]);
  assert.deepEqual([second.status, second.attempt, second.progress], ["running", 2, 0.25]);
  assert.deepEqual([third.status, third.reason, third.startedAt], ["pending", "waits for train", NaN]);
});

test("a patch leaves alone what it does not name", () => {
  const states = statesOf(SNAPSHOT);
  states.patch(1, { progress: 0.5 });
  const state = states.at(1);
  assert.deepEqual([state.status, state.attempt, state.progress], ["running", 2, 0.5]);
});

test("null takes a value away", () => {
  const states = statesOf(SNAPSHOT);
  states.patch(1, { started_at: null, progress: null, reason: null });
  assert.deepEqual([states.at(1).startedAt, states.at(1).progress, states.at(1).reason], [NaN, NaN, ""]);
});

test("a step that is pending again has no progress", () => {
  const states = statesOf(SNAPSHOT);
  states.patch(1, { status: "pending" });
  assert.equal(states.at(1).progress, NaN);
});

test("steps that are added begin as pending and the others keep their states", () => {
  const states = statesOf(SNAPSHOT).grownTo(5);
  assert.deepEqual([0, 1, 2, 3, 4].map((i) => states.word(i)), ["completed", "running", "pending", "pending", "pending"]);
  assert.equal(states.at(2).reason, "waits for train");
});

test("without states a step is a draft that names its template", () => {
  const nodes = [{ index: 0, name: "a", template: "sample/load", version: 2, parents: [] }, { index: 1, name: "b", parents: [0] }];
  const states = plainStates(buildModel({ revision: 0, nodes }));
  assert.deepEqual([states.at(0).status, states.at(0).reason, states.at(1).reason], ["draft", "sample/load v2", ""]);
});

test("every status has a letter of its own", () => {
  const codes = Array.from("dpwqrugchsfxa", (letter) => statusCodeOfLetter(letter));
  assert.deepEqual(codes, STATUSES.map((_, code) => code));
});

test("unknown statuses are refused by name", () => {
  assert.throws(() => statesOf({ statuses: "z" }), /unknown status letter "z"/);
  assert.throws(() => new States(1).patch(0, { status: "done" }), /unknown status "done"/);
});
