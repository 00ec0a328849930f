/** A graph by columns becomes the nodes that the chart draws. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { graphOf } from "../../../static/js/graph/columns.js";

test("each step gets what is written once for many, and what is its own", () => {
  const graph = graphOf({
    revision: 3,
    names: ["load", "fit", "join"],
    parents: [[], [0], [0, 1]],
    kinds: [["task", "sample/load", 2], ["approval", null, null]],
    uses: [0, 0, 1],
    groups: { 1: "training" },
    comments: { 0: "the digits" },
    layout: null,
  });
  const common = { kind: "task", template: "sample/load", version: 2, group: null, comment: "" };
  assert.deepEqual(graph, {
    revision: 3,
    layout: null,
    nodes: [
      { ...common, index: 0, name: "load", parents: [], comment: "the digits" },
      { ...common, index: 1, name: "fit", parents: [0], group: "training" },
      { ...common, index: 2, name: "join", kind: "approval", template: null, version: null, parents: [0, 1] },
    ],
  });
});
