/** Places, groups and notes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  addNote, align, changeGroup, changeNote, collapseGroup, distribute, group, leaveGroup, moveNotes, place, removeNotes, ungroup,
} from "../../../static/js/editor/model/commands.js";
import { frozen, SAMPLE, step } from "./documents.js";

const THREE = frozen({ schema: 1, steps: ["a", "b", "c"].map((name) => ({ name })), layout: { a: [0, 10], b: [30, 0], c: [100, 31] } });

test("places are set, and taken away by null", () => {
  assert.deepEqual(place(SAMPLE, new Map([["load", [9, 9]]])).layout.load, [9, 9]);
  assert.ok(!("load" in place(SAMPLE, { load: null }).layout));
  assert.equal(place(SAMPLE, [["load", [0, 0]], ["nobody", [1, 1]]]), SAMPLE);
  assert.ok(!("layout" in place(THREE, { a: null, b: null, c: null })));
});

for (const [side, layout] of /** @type {const} */ ([
  ["left", { a: [0, 10], b: [0, 0], c: [0, 31] }],
  ["centre", { a: [50, 10], b: [50, 0], c: [50, 31] }],
  ["right", { a: [100, 10], b: [100, 0], c: [100, 31] }],
  ["top", { a: [0, 0], b: [30, 0], c: [100, 0] }],
  ["middle", { a: [0, 16], b: [30, 16], c: [100, 16] }],
  ["bottom", { a: [0, 31], b: [30, 31], c: [100, 31] }],
])) {
  test(`aligned ${side}`, () => assert.deepEqual(align(THREE, ["a", "b", "c"], side).layout, layout));
}

test("distances become equal between the outermost", () => {
  assert.deepEqual(distribute(THREE, ["c", "a", "b"], "across").layout, { a: [0, 10], b: [50, 0], c: [100, 31] });
  assert.deepEqual(distribute(THREE, ["c", "a", "b"], "down").layout, { a: [0, 16], b: [30, 0], c: [100, 31] });
  assert.equal(distribute(THREE, ["a", "b"], "across"), THREE);
});

test("a step without a place is aligned from where it is shown", () => {
  const unplaced = place(THREE, { b: null });
  assert.deepEqual(align(unplaced, ["a", "b"], "left", () => [7, 8]).layout?.b, [0, 8]);
  assert.equal(align(unplaced, ["b"], "left"), unplaced);
});

test("a group is made, joined, left and taken away", () => {
  const made = group(SAMPLE, ["train a", "train b"], "training");
  assert.deepEqual(made.groups, [{ name: "data", colour: "teal" }, { name: "training" }]);
  assert.equal(step(made, "train b").group, "training");
  assert.deepEqual(group(made, ["clean"], "training").groups, made.groups);
  assert.ok(!("group" in step(leaveGroup(made, ["train a"]), "train a")));
  assert.deepEqual(ungroup(made, "training"), SAMPLE);
  assert.throws(() => group(SAMPLE, ["load"], " "), /needs a name/);
});

test("a group collapses and opens, is renamed with its steps, and gets values", () => {
  const closed = collapseGroup(SAMPLE, "data");
  assert.equal(closed.groups?.[0].collapsed, true);
  assert.deepEqual(collapseGroup(closed, "data"), SAMPLE);
  const renamed = changeGroup(SAMPLE, "data", { name: "input", colour: undefined });
  assert.deepEqual(renamed.groups, [{ name: "input" }]);
  assert.equal(step(renamed, "clean").group, "input");
  assert.throws(() => changeGroup(group(SAMPLE, ["load"], "x"), "x", { name: "data" }), /already a group/);
});

test("notes are added, changed, moved and removed by their place", () => {
  const added = addNote(SAMPLE, { text: "new", at: [1, 1] });
  assert.equal(added.notes?.length, 3);
  assert.deepEqual(changeNote(added, 2, { text: "other", at: undefined, colour: "amber" }).notes?.[2], { text: "other", colour: "amber" });
  assert.deepEqual(moveNotes(SAMPLE, [0], 5, -5).notes, [{ text: "Look here", at: [5, 195] }, SAMPLE.notes[1]]);
  assert.deepEqual(removeNotes(SAMPLE, [0]).notes, [SAMPLE.notes[1]]);
  assert.ok(!("notes" in removeNotes(SAMPLE, [0, 1])));
});
