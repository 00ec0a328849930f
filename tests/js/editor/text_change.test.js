/** What is changed in a text to make it another. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { changeOf } from "../../../static/js/editor/panels/text_change.js";

/** @type {[string, string][]} */
const TEXTS = [
  ["", "a"], ["a", ""], ["abc", "abxc"], ["aaa", "aa"], ["aa", "aaa"], ["abab", "ab"], ["one\ntwo\n", "one\n2\ntwo\n"], ["x", "y"],
];

for (const [before, after] of TEXTS) {
  test(`${JSON.stringify(before)} becomes ${JSON.stringify(after)} by one change`, () => {
    const change = changeOf(before, after);
    assert(change);
    const { from, to, insert } = change;
    assert.equal(before.slice(0, from) + insert + before.slice(to), after);
    assert(insert.length <= after.length && to >= from);
  });
}

test("the same text is left alone, and so is what is around a change", () => {
  assert.equal(changeOf("abc", "abc"), null);
  assert.deepEqual(changeOf("aXb", "aYYb"), { from: 1, to: 2, insert: "YY" });
});
