/** What comes before and after a step, and circles. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { cyclePath, downstreamOf, edgeKey, edgeOfKey, edgesOf, upstreamOf } from "../../../static/js/editor/model/graph.js";
import { frozen, SAMPLE } from "./documents.js";

test("upstream and downstream follow orders and references", () => {
  assert.deepEqual([...upstreamOf(SAMPLE, "compare")].sort(), ["clean", "load", "train a", "train b"]);
  assert.deepEqual([...downstreamOf(SAMPLE, "clean")].sort(), ["compare", "train a", "train b"]);
  assert.deepEqual([upstreamOf(SAMPLE, "load").size, downstreamOf(SAMPLE, "nobody").size], [0, 0]);
});

test("the shortest circle is told from the child round to it", () => {
  assert.deepEqual(cyclePath(SAMPLE, "compare", "load"), ["load", "train a", "compare", "load"]);
  assert.deepEqual(cyclePath(SAMPLE, "load", "load"), ["load", "load"]);
  assert.equal(cyclePath(SAMPLE, "load", "compare"), null);
});

test("circles that are there already, unknown parents and rubbish do no harm", () => {
  const odd = frozen({ schema: 1, steps: [
    { name: "a", parents: ["b", "nobody", 3] }, { name: "b", parents: ["a"] }, { name: "c", parents: "a" }, { name: "a", parents: ["c"] },
  ] });
  assert.deepEqual(edgesOf(odd).map(({ parent, child }) => parent + child), ["ba", "ab"]);
  assert.deepEqual([...upstreamOf(odd, "a")], ["b"]);
  assert.deepEqual(cyclePath(odd, "a", "b"), ["b", "a", "b"]);
});

test("an edge's key is read again, whatever the names", () => assert.deepEqual(edgeOfKey(edgeKey('a"b', "c,d")), ['a"b', "c,d"]));

test("two thousand steps in a line, each referring to the one before", () => {
  const steps = Array.from({ length: 2000 }, (_, place) => ({ name: `s${place}`, parameters: { x: place ? `\${s${place - 1}.x}` : 1 } }));
  const document = frozen({ schema: 1, steps });
  assert.equal(edgesOf(document).length, 1999);
  assert.equal(upstreamOf(document, "s1999").size, 1999);
  assert.equal(cyclePath(document, "s1999", "s0")?.length, 2001);
});
