/** Output becomes lines: pieces that end anywhere, escapes, carriage returns, wrapping. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { LogLines, shown } from "../../../static/js/widgets/log_lines.js";

const ESC = "\u001b";
const piece = (text, stream = "stdout") => ({ stream, byte_from: 0, line_from: 0, text });

/** @param {...string} texts */
function linesOf(...texts) {
  const lines = new LogLines();
  for (const text of texts) lines.add(piece(text));
  return lines;
}

test("lines are the same however the pieces are cut", () => {
  const whole = "one\ntwo\n\nthree";
  for (let cut = 0; cut <= whole.length; cut += 1) {
    assert.deepEqual(linesOf(whole.slice(0, cut), whole.slice(cut)).texts, ["one", "two", "", "three"], `cut at ${cut}`);
  }
});

test("a line that has not ended is shown and goes on", () => {
  const lines = linesOf("half");
  assert.deepEqual(lines.texts, ["half"]);
  assert.equal(lines.add(piece(" done\n")), 0);
  assert.deepEqual(lines.texts, ["half done"]);
  assert.equal(lines.add(piece("next\n")), 1);
});

test("another stream begins a line of its own", () => {
  const lines = linesOf("out");
  lines.add(piece("err\n", "stderr"));
  assert.deepEqual(lines.texts, ["out", "err"]);
  assert.deepEqual(lines.streams, ["stdout", "stderr"]);
});

for (const [raw, text] of [
  [`${ESC}[1;31mred${ESC}[0m`, "red"],
  [`${ESC}]8;;http://x\u0007link${ESC}]8;;\u0007`, "link"],
  ["10 %\r20 %\r100 %", "100 %"],
  ["windows\r", "windows"],
  ["a\tb", "a       b"],
  ["<img src=x>", "<img src=x>"],
]) {
  test(`${JSON.stringify(raw)} is shown as ${JSON.stringify(text)}`, () => assert.equal(shown(raw), text));
}

test("wrapped lines take the rows that they need", () => {
  const lines = linesOf("12345\n1234567890x\n\n");
  lines.wrapAt(5);
  assert.deepEqual(lines.rowStarts, [0, 1, 4, 5]);
  assert.equal(lines.rows, 5);
  assert.deepEqual([0, 1, 3, 4].map((row) => lines.lineAt(row)), [0, 1, 1, 2]);
  lines.add(piece("123456\n"));
  assert.equal(lines.rows, 7);
  lines.wrapAt(0);
  assert.equal(lines.rows, 4);
});

test("words are found whatever their case", () => {
  const lines = linesOf("Error: a\nfine\nno error\n");
  assert.deepEqual(lines.find("ERROR"), [0, 2]);
  assert.deepEqual(lines.find(""), []);
});

test("a hundred thousand lines stay in order", () => {
  const lines = linesOf(Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join(""));
  assert.equal(lines.length, 100_000);
  assert.equal(lines.texts[lines.lineAt(77_777)], "line 77777");
});
