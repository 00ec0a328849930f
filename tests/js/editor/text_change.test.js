/** What is changed in a text to make it another. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { changesOf } from "../../../static/js/editor/panels/text_change.js";

/** @type {[string, string][]} */
const TEXTS = [
  ["", "a"], ["a", ""], ["abc", "abxc"], ["aaa", "aa"], ["aa", "aaa"], ["abab", "ab"], ["one\ntwo\n", "one\n2\ntwo\n"], ["x", "y"],
  ["a\nb\nc\nd\n", "b\nx\nd"], ["\n\n", "\n"], ["a\n", "a"], ["1\n2\n3\n4\n5\n", "5\n4\n3\n2\n1\n"],
  ["a\n".repeat(1500), `${"b\n".repeat(1500)}a\n`],
];

/** @param {string} text @param {import("../../../static/js/editor/panels/text_change.js").Change[]} changes */
function changed(text, changes) {
  let [result, at] = ["", 0];
  for (const { from, to, insert } of changes) {
    assert(from >= at && to >= from);
    result += text.slice(at, from) + insert;
    at = to;
  }
  return result + text.slice(at);
}

for (const [before, after] of TEXTS) {
  test(`${JSON.stringify(before.slice(0, 20))} becomes ${JSON.stringify(after.slice(0, 20))}`, () => {
    const changes = changesOf(before, after);
    assert(changes.length);
    assert.equal(changed(before, changes), after);
  });
}

test("any lines become any others", () => {
  let seed = 7;
  const dice = (/** @type {number} */ sides) => (seed = (seed * 1103515245 + 12345) % 2147483648) % sides;
  const text = () => Array.from({ length: dice(8) }, () => "abc"[dice(3)].repeat(dice(3))).join("\n");
  for (let time = 0; time < 500; time += 1) {
    const [before, after] = [text(), text()];
    assert.equal(changed(before, changesOf(before, after)), after);
  }
});

test("the same text is left alone, and so are the lines around each change", () => {
  assert.deepEqual(changesOf("abc", "abc"), []);
  assert.deepEqual(changesOf("aXb", "aYYb"), [{ from: 1, to: 2, insert: "YY" }]);
  assert.deepEqual(changesOf("1\nhere\n3\n", "0\n1\nhere\n33\n"), [
    { from: 0, to: 0, insert: "0\n" }, { from: 8, to: 8, insert: "3" },
  ]);
});
