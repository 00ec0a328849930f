/** The graph as a value: parents, children and edges by index; wrong input is named. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { buildModel, childrenOf, edgesAt, fingerprint, parentsOf } from "../../../static/js/graph/model.js";
import { graphOf } from "../harness/graphs.js";
import { DIAMOND } from "./named_graphs.js";

test("parents and children are found by index", () => {
  assert.deepEqual([...parentsOf(DIAMOND, 3)], [1, 2]);
  assert.deepEqual([...childrenOf(DIAMOND, 0)], [1, 2]);
  assert.deepEqual([...parentsOf(DIAMOND, 0)], []);
});

test("the edges at a step are those in and those out", () => {
  const ends = edgesAt(DIAMOND, 1).map((edge) => [DIAMOND.parents[edge], DIAMOND.childOfEdge[edge]]);
  assert.deepEqual(ends, [[0, 1], [1, 3]]);
});

test("nodes may come in any order", () => {
  const model = buildModel({ revision: 0, nodes: [{ index: 1, name: "b", parents: [0] }, { index: 0, name: "a", parents: [] }] });
  assert.equal(model.nodes[0].name, "a");
});

test("an unknown parent is refused with the step's name", () => {
  assert.throws(() => buildModel(graphOf([["a", []], ["b", [7]]])), /step "b" has unknown parent 7/);
});

test("a missing index is refused", () => {
  assert.throws(() => buildModel({ revision: 0, nodes: [{ index: 1, name: "b", parents: [] }] }), /index 0, found 1/);
});

test("a fingerprint tells structures apart, not names", () => {
  const chain = buildModel(graphOf([["a", []], ["b", [0]], ["c", [1]]]));
  const renamed = buildModel(graphOf([["x", []], ["y", [0]], ["z", [1]]]));
  const fork = buildModel(graphOf([["a", []], ["b", [0]], ["c", [0]]]));
  assert.equal(fingerprint(chain), fingerprint(renamed));
  assert.notEqual(fingerprint(chain), fingerprint(fork));
});
