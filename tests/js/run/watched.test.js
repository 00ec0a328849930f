/** What a page watches: each topic once, for as long as the page names it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Watched, namedIn } from "../../../static/js/watched.js";

/** Stands for the socket: who listens to what. */
class Listening {
  /** @type {string[]} */
  topics = [];
  /** @type {Map<string, () => void>} */
  calls = new Map();
  watch(topic, onPoke) {
    this.topics.push(topic);
    this.calls.set(topic, onPoke);
    return () => this.topics.splice(this.topics.indexOf(topic), 1);
  }
}

test("what is named anew is watched, what is named no more is left", () => {
  const to = new Listening();
  let news = 0;
  const watched = new Watched(() => (news += 1), to);
  watched.only("task:1 lines");
  watched.only(" lines\n task:2  lines ");
  assert.deepEqual(to.topics, ["lines", "task:2"]);
  to.calls.get("lines")?.();
  assert.equal(news, 1);
  watched.only("");
  assert.deepEqual(to.topics, []);
});

test("what stays named is not joined again", () => {
  const to = new Listening();
  const joined = [];
  const watched = new Watched(() => {}, { watch: (topic, onPoke) => (joined.push(topic), to.watch(topic, onPoke)) });
  for (let time = 0; time < 3; time += 1) watched.only("log:1:2");
  assert.deepEqual(joined, ["log:1:2"]);
});

test("elements name theirs in an attribute, or none", () => {
  const elements = ["run:1", null, "lines task:1"].map((value) => ({ getAttribute: () => value }));
  assert.equal(namedIn(/** @type {any} */ (elements), "data-watches"), "run:1  lines task:1");
});
