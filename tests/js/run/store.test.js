/** The page's state: frames in order, gaps, overlaps, and asking anew. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { newsOf, RunStore } from "../../../static/js/run/store.js";

const snapshot = (number, statuses = "rp") => ({
  number, run: { status: "running" }, statuses, stale: "00", attempts: [1, 0], started: [null, null],
  ended: [null, null], reasons: {}, progress: {},
});
const progress = (n, value) => ({ n, kind: "progress", data: { step: 0, value } });
const frame = (from, to, ...changes) => ({ topic: "run:1", from, to, changes });

/** A store that keeps its news, and answers for snapshots that a test gives. */
function made(number, answers = []) {
  const news = [];
  const store = new RunStore(snapshot(number), {
    fetchSnapshot: async () => {
      const answer = answers.shift();
      if (!answer) throw new Error("no network");
      return answer;
    },
    onNews: (one) => news.push(one),
  });
  return { store, news };
}

test("a frame that follows is applied", () => {
  const { store, news } = made(5);
  store.receive(frame(6, 7, progress(6, 0.1), progress(7, 0.2)));
  assert.equal(store.view.steps[0].progress, 0.2);
  assert.equal(store.number, 7);
  assert.deepEqual([...news[0].steps], [0]);
});

test("the number after a merged frame is the frame's, not its last change's", () => {
  const { store } = made(5);
  store.receive(frame(6, 40, progress(9, 0.1)));
  assert.equal(store.number, 40);
  store.receive(frame(41, 41, progress(41, 0.2)));
  assert.equal(store.view.steps[0].progress, 0.2);
});

test("what is known already is passed over", () => {
  const { store, news } = made(5);
  store.receive(frame(1, 5, progress(5, 0.9)));
  store.receive(frame(4, 6, progress(5, 0.9), progress(6, 0.3)));
  assert.equal(store.view.steps[0].progress, 0.3);
  assert.equal(news.length, 1);
  assert.equal(news[0].changes.length, 1);
});

test("a gap is filled by the snapshot; frames that came meanwhile follow it", async () => {
  const { store, news } = made(5, [snapshot(9, "cr")]);
  store.receive(frame(8, 8, progress(8, 0.1)));
  store.receive(frame(9, 10, progress(9, 0.2), { n: 10, kind: "step_status", data: { step: 1, status: "completed" } }));
  await new Promise(setImmediate);
  assert.equal(store.number, 10);
  assert.equal(store.view.steps[0].status, "completed");
  assert.equal(store.view.steps[1].status, "completed");
  assert.equal(news[0].all, true);
});

test("a snapshot that cannot be had is asked for again", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const answers = [];
  const { store } = made(5, answers);
  const done = store.resync();
  await new Promise(setImmediate);
  assert.equal(store.number, 5);
  answers.push(snapshot(12));
  context.mock.timers.tick(1000);
  await done;
  assert.equal(store.number, 12);
});

test("two reasons to ask anew are one question", async () => {
  const { store } = made(5, [snapshot(9)]);
  await Promise.all([store.resync(), store.resync()]);
  assert.equal(store.number, 9);
});

test("news say which steps and whether the run itself has changed", () => {
  const news = newsOf([progress(1, 0.5), { n: 2, kind: "run_status", data: { status: "failed" } }]);
  assert.equal(news.run, true);
  assert.equal(news.all, false);
  assert.deepEqual([...news.steps], [0]);
});

test("counts are by status", () => {
  assert.deepEqual(Object.fromEntries(made(1).store.counts()), { running: 1, pending: 1 });
});

test("counts are kept up with, and counted anew with more steps or another snapshot", async () => {
  const { store } = made(1, [snapshot(9, "ccc")]);
  const counts = () => Object.fromEntries(store.counts());
  assert.deepEqual(counts(), { running: 1, pending: 1 });
  store.receive(frame(2, 3,
    { n: 2, kind: "step_status", data: { step: 0, status: "completed" } },
    { n: 3, kind: "attempt_added", data: { step: 1, number: 1 } }));
  assert.deepEqual(counts(), { completed: 1, pending: 1 });
  store.receive(frame(4, 5,
    { n: 4, kind: "steps_added", data: { first: 2, count: 2 } },
    { n: 5, kind: "step_status", data: { step: 3, status: "queued" } }));
  assert.deepEqual(counts(), { completed: 1, pending: 2, queued: 1 });
  await store.resync();
  assert.deepEqual(counts(), { completed: 3 });
});

test("what was asked for is shown and counted until the changes tell what became of it", () => {
  const { store } = made(5);
  store.counts();
  store.presume([0], "aborting");
  assert.equal(store.view.steps[0].status, "aborting");
  assert.deepEqual(Object.fromEntries(store.counts()), { aborting: 1, pending: 1 });
  assert.equal(store.number, 5);
  store.receive(frame(6, 6, { n: 6, kind: "step_status", data: { step: 0, status: "aborted" } }));
  assert.deepEqual(Object.fromEntries(store.counts()), { aborted: 1, pending: 1 });
});
