/** What the canvas shows of a document, whatever stands in it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { sectionsOf } from "../../../static/js/editor/panels/outline_rows.js";
import { pictureOf } from "../../../static/js/editor/picture.js";
import { groupTitle } from "../../../static/js/graph/editing/picture.js";

const DOCUMENT = {
  schema: 1,
  steps: [
    { name: "load", template: "sample/load", version: 3 },
    { name: "train", template: "train", parents: ["load"], group: "models", parameters: { data: "${load.artifacts.rows}" } },
    { name: "check", kind: "approval", parents: ["train", "gone"] },
  ],
  groups: [{ name: "models", colour: "good", collapsed: true }],
  layout: { load: [10, 20] },
  notes: [{ text: "Look", at: [1, 2] }],
};

test("steps, edges, places, groups and notes by index", () => {
  const picture = pictureOf(DOCUMENT);
  assert.deepEqual(picture.nodes.map(({ name, subtitle, kind }) => [name, subtitle, kind]),
    [["load", "sample/load v3", "task"], ["train", "train", "task"], ["check", "asks a person", "approval"]]);
  assert.deepEqual(picture.edges, [{ parent: 0, child: 1, kind: "both" }, { parent: 1, child: 2, kind: "order" }]);
  assert.deepEqual(picture.positions, [[10, 20], null, null]);
  assert.deepEqual(picture.groups, [{ name: "models", colour: "good", collapsed: true, steps: [1] }]);
  assert.deepEqual(picture.notes, [{ text: "Look", at: [1, 2], size: [200, 120], colour: "" }]);
});

test("a step for each item of a list says so", () => {
  const steps = [{ name: "train", template: "sample/train", for_each: { list: [1, 2] } }];
  assert.equal(pictureOf({ ...DOCUMENT, steps }).nodes[0].subtitle, "each item · sample/train");
});

test("a group for each item of a list says so, on the canvas and in the outline", () => {
  const [group] = DOCUMENT.groups;
  const document = { ...DOCUMENT, groups: [{ ...group, for_each: { list: [1, 2] } }] };
  assert.equal(groupTitle(pictureOf(document).groups[0]), "each models");
  assert.deepEqual(sectionsOf(document, []).map(({ group: name, each }) => [name, each]), [["", false], ["models", true]]);
});

test("the worst problem of a step marks it", () => {
  const problems = [
    { where: "steps[0]", step: "load", code: "a", message: "", severity: "warning" },
    { where: "steps[1]", step: "train", code: "b", message: "", severity: "warning" },
    { where: "steps[1]", step: "train", code: "c", message: "", severity: "error" },
  ];
  assert.deepEqual(pictureOf(DOCUMENT, { problems }).nodes.map(({ problem }) => problem), ["warning", "error", ""]);
});

test("rubbish is passed over", () => {
  const rubbish = { schema: 9, steps: [null, "x", { name: 3 }, { name: "a" }, { name: "a" }], notes: [null], groups: "none", layout: { a: "here" } };
  const picture = pictureOf(rubbish);
  assert.deepEqual(picture.nodes.map(({ name }) => name), ["a"]);
  assert.deepEqual(picture.positions, [null]);
  assert.equal(pictureOf({ schema: 1, steps: "none" }).nodes.length, 0);
});
