/** The newest question counts; what the server does not take is a problem; what does not answer is asked again. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused } from "../../../static/js/editor/api.js";
import { Validation } from "../../../static/js/editor/validation.js";

/** A session that keeps the problems that it is given, and a server that answers when it is told. */
function stage() {
  const session = Object.assign(new EventTarget(), {
    document: { steps: [] }, problems: null, setProblems(problems) { this.problems = problems; },
  });
  const asked = [];
  const states = [];
  const ask = (_, { body, signal }) => new Promise((resolve, reject) => {
    asked.push({ document: body.document, answer: (problems) => resolve({ problems }), fail: reject, signal });
  });
  const validation = new Validation({ session, url: "/validate/", ask, onState: (state) => states.push(state) });
  return { session, asked, states, validation };
}

test("an older question's answer is dropped and its question given up", async () => {
  const { session, asked, validation } = stage();
  const first = validation.now();
  const second = validation.now();
  asked[1].answer(["new"]);
  asked[0].answer(["old"]);
  assert.deepEqual([await first, await second], [false, true]);
  assert.deepEqual(session.problems, ["new"]);
  assert.equal(asked[0].signal.aborted, true);
});

test("an edit is asked about within half a second", async () => {
  const { session, asked } = stage();
  session.dispatchEvent(new Event("document"));
  session.dispatchEvent(new Event("document"));
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(asked.length, 1);
});

test("a document that is not even taken has that as its problem", async () => {
  const { session, asked, states, validation } = stage();
  const done = validation.now();
  asked[0].fail(new Refused(400, "too large", [], "cap_exceeded"));
  assert.equal(await done, true);
  assert.deepEqual(session.problems.map(({ code, message }) => [code, message]), [["cap_exceeded", "too large"]]);
  assert.deepEqual(states, ["asking", "known"]);
});

test("no answer keeps what was known and says so", async () => {
  const { session, asked, states, validation } = stage();
  const done = validation.now();
  asked[0].fail(new TypeError("no network"));
  assert.equal(await done, false);
  clearTimeout(validation.timer);
  assert.equal(session.problems, null);
  assert.deepEqual(states, ["asking", "unknown"]);
});
