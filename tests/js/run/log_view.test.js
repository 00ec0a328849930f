/** The pure parts of the log: places in a list of any length, rows in memory, hits, colours, links to lines. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { plain, runsOf } from "../../../static/js/widgets/log/ansi.js";
import { Hits } from "../../../static/js/widgets/log/hits.js";
import * as places from "../../../static/js/widgets/log/place.js";
import { LogRows } from "../../../static/js/widgets/log/rows.js";
import { LogSearch } from "../../../static/js/widgets/log/search.js";

const ESC = "\u001b";
const list = (count) => ({ count, row: 20, height: 200 });

test("without scaling the place is that of ordinary scrolling", () => {
  const found = places.windowAt(list(1000), places.shareAt(list(1000), 5000), 0);
  // The row at the window's top is the one that has 5000 pixels above it.
  assert.equal(Math.round((found.anchor - found.y / 20) * 20), 5000);
  assert.equal(found.first, 250);
  assert.equal(found.last, 260);
});

test("the first row is at the top and the last at the bottom, however many there are", () => {
  for (const count of [11, 5000, 3_000_000]) {
    assert.ok(places.tallness(list(count)) <= places.TALLEST);
    const begin = places.windowAt(list(count), 0, 0);
    assert.deepEqual([begin.first, begin.anchor, begin.y], [0, 0, 0]);
    const end = places.windowAt(list(count), 1, 0);
    assert.deepEqual([end.last, end.anchor, end.y], [count - 1, count, 200]);
  }
});

test("in a list that is drawn smaller the wheel moves real rows, and places are kept exactly", () => {
  const long = list(3_000_000);
  const share = places.shareOf(long.count, 1_234_567);
  const moved = places.windowAt(long, places.movedBy(long, share, 100), 0);
  assert.equal(moved.first - places.windowAt(long, share, 0).first, 5);
  const { first, last } = places.windowAt(long, share, 0);
  assert.ok(first <= 1_234_567 && last >= 1_234_567);
});

test("what one looks at stays when the log grows", () => {
  const top = (one, share) => share * (one.count * 20 - 200);
  for (const [before, count] of [[1000, 1500], [2_000_000, 2_500_000]]) {
    const share = 0.4;
    const after = places.shareAfter(list(before), share, count);
    assert.ok(Math.abs(top(list(before), share) - top(list(count), after)) < 0.01);
  }
});

for (const [hash, lines] of [
  ["#L1", [0, 0]], ["#L5-L9", [4, 8]], ["#L9-5", [4, 8]], ["#L0", null], ["#x", null], ["#L1x", null],
]) {
  test(`the address ${hash} names ${JSON.stringify(lines)}`, () => assert.deepEqual(places.linesIn(hash), lines));
}

test("an address that was made names the same lines", () => {
  for (const lines of [[0, 0], [41, 99]]) assert.deepEqual(places.linesIn(places.hashOf(...lines)), lines);
});

/** A log of numbered lines that notes what was asked for. */
function numbered(total, most = Infinity) {
  const asked = [];
  const rows = new LogRows(async (from, count) => {
    asked.push([from, count]);
    return Array.from({ length: Math.min(count, most) }, (_, n) => [from + n, `line ${from + n}`, "", "stdout"]);
  });
  rows.grow(total, true);
  return { rows, asked };
}

test("only the rows that are looked at are fetched, once", async () => {
  const { rows, asked } = numbered(1_000_000);
  await Promise.all([rows.want(654_300, 654_330), rows.want(654_310, 654_340)]);
  await rows.want(654_320, 654_330);
  assert.deepEqual(asked, [[654_200, 200]]);
  assert.equal(rows.get(654_321)?.text, "line 654321");
});

test("looking through a whole log keeps a part of it in memory", async () => {
  const { rows } = numbered(100_000);
  for (let row = 0; row < 100_000; row += 500) await rows.want(row, row + 30);
  assert.ok(rows.chunks.size <= 41);
  assert.equal(rows.get(99_500)?.number, 99_500);
  assert.equal(rows.get(0), undefined);
});

test("answers that are cut are asked on", async () => {
  const { rows, asked } = numbered(10, 4);
  await rows.want(0, 9);
  assert.deepEqual(asked, [[0, 10], [4, 6], [8, 2]]);
});

test("a line that had not ended is fetched again when the log grows", async () => {
  const { rows, asked } = numbered(0);
  rows.grow(2, false);
  await rows.want(0, 1);
  rows.grow(500, false);
  assert.equal(rows.get(0)?.number, 0);
  assert.equal(rows.get(1), undefined);
  await rows.want(0, 1);
  assert.deepEqual(asked, [[0, 2], [1, 199]]);
});

test("with a filter a row is the line that the filter has there", async () => {
  const hits = new Hits();
  hits.add({ from: 0, to: 900, steps: [5, 700, 100] });
  const asked = [];
  const rows = new LogRows(async (from, count) => {
    asked.push([from, count]);
    return [5, 705, 805].map((number) => [number, "x", "error", "stderr"]);
  }, hits);
  await rows.want(0, 2);
  assert.deepEqual(asked, [[5, 3]]);
  assert.deepEqual([0, 1, 2].map((row) => rows.get(row)?.number), [5, 705, 805]);
});

test("hits come as distances, in parts, and a part that is told again replaces", () => {
  const hits = new Hits();
  hits.add({ from: 0, to: 50, steps: [0, 10, 5] });
  hits.add({ from: 15, to: 60, steps: [0, 40] });
  assert.deepEqual([...hits.numbers.subarray(0, hits.length)], [0, 10, 15, 55]);
  assert.deepEqual([hits.after(11), hits.has(55), hits.has(54)], [2, true, false]);
});

test("a search goes on until everything is searched, and with the log", async () => {
  const told = [
    { from: 0, to: 40, total: 100, end: false, steps: [3] },
    { from: 40, to: 99, total: 100, end: false, steps: [50] },
    { from: 99, to: 120, total: 120, end: true, steps: [11] },
  ];
  const asked = [];
  const search = new LogSearch(new URLSearchParams("find=x"), async (query) => {
    asked.push(String(query));
    return told.shift();
  }, () => {});
  await search.goOn();
  assert.equal(search.hits.length, 2);
  await search.goOn();
  await search.goOn();
  assert.deepEqual([...search.hits.numbers.subarray(0, 3)], [3, 90, 110]);
  assert.deepEqual(asked, ["find=x&from=0", "find=x&from=40", "find=x&from=99"]);
});

test("a search that is refused says why and stops", async () => {
  const search = new LogSearch(new URLSearchParams(), () => Promise.reject(new Error("too slow")), () => {});
  await search.goOn();
  await search.goOn();
  assert.equal(search.fault, "too slow");
});

for (const [raw, runs] of [
  ["plain <img src=x>", [["plain <img src=x>", ""]]],
  [`${ESC}[1;31mred${ESC}[0m fine`, [["red", "ansi-bold ansi-ink-1"], [" fine", ""]]],
  [`${ESC}[38;5;196mx${ESC}[39my`, [["x", "ansi-ink-1"], ["y", ""]]],
  [`${ESC}[48;2;0;0;200mx${ESC}[m`, [["x", "ansi-ground-4"]]],
  [`${ESC}]8;;http://x\u0007link${ESC}]8;;\u0007`, [["link", ""]]],
  [`${ESC}[2Kx`, [["x", ""]]],
  ["a\tb", [["a       b", ""]]],
]) {
  test(`${JSON.stringify(raw)} is shown in its looks`, () => {
    assert.deepEqual(runsOf(raw).map(({ text, classes }) => [text, classes]), runs);
    assert.equal(plain(raw), runs.map(([text]) => text).join(""));
  });
}
