/** The session: deeds, undo and redo, joining, selection, and what listeners hear. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../../../static/js/editor/history.js";
import { addStep, connect, moveSteps, removeSteps, setStepField } from "../../../static/js/editor/model/commands.js";
import { selectionOf, Session } from "../../../static/js/editor/session.js";
import { frozen, names, SAMPLE, step } from "./documents.js";

/** A session whose clock stands until it is moved, and what it told. @param {{history?: History}} [options] */
function started({ history } = {}) {
  const time = { now: 1000 };
  const session = new Session({ document: SAMPLE, revision: 7, history, clock: () => time.now });
  /** @type {any[]} */
  const heard = [];
  for (const type of ["document", "selection", "reveal"]) {
    session.addEventListener(type, (event) => heard.push([type, /** @type {CustomEvent} */ (event).detail]));
  }
  return { session, heard, time };
}

test("a deed changes the document, is told, and can be undone and redone", () => {
  const { session, heard } = started();
  session.perform("Remove “clean”", (document) => removeSteps(document, ["clean"]));
  assert.equal(session.document.steps.length, 4);
  assert.deepEqual([session.canUndo, session.undoLabel, session.canRedo], [true, "Remove “clean”", false]);
  session.undo();
  assert.equal(session.document, SAMPLE);
  assert.deepEqual([session.canUndo, session.canRedo, session.redoLabel], [false, true, "Remove “clean”"]);
  session.redo();
  assert.equal(session.document.steps.length, 4);
  assert.deepEqual(heard.map(([type, { label }]) => [type, label]), Array(3).fill(["document", "Remove “clean”"]));
  assert.equal(heard[1][1].after, SAMPLE);
});

test("what changes nothing is no deed; what is not possible changes nothing", () => {
  const { session, heard } = started();
  session.perform("Nothing", (document) => document);
  assert.throws(() => session.perform("Circle", (document) => connect(document, "compare", "load")), /circle/);
  assert.deepEqual([heard.length, session.canUndo], [0, false]);
});

test("a new deed forgets what was undone", () => {
  const { session } = started();
  session.perform("One", (document) => addStep(document, { name: "one", template: "x" }));
  session.undo();
  session.perform("Two", (document) => addStep(document, { name: "two", template: "x" }));
  assert.equal(session.canRedo, false);
  assert.deepEqual(names(session.document).slice(-1), ["two"]);
});

test("typing in one field is one deed while it goes on", () => {
  const { session, time } = started();
  const type = (/** @type {string} */ text, field = "comment") => {
    session.perform(`Change ${field}`, (document) => setStepField(document, "load", [field], text), { coalesce: `load.${field}` });
    time.now += 300;
  };
  for (const text of ["a", "ab", "abc"]) type(text);
  type("gpu", "queue");
  type("abcd");
  time.now += 801;
  type("abcde");
  const seen = [];
  while (session.canUndo) {
    session.undo();
    seen.push([step(session.document, "load").comment, step(session.document, "load").queue]);
  }
  assert.deepEqual(seen, [["abcd", "gpu"], ["abc", "gpu"], ["abc", undefined], [undefined, undefined]]);
  assert.equal(session.document, SAMPLE);
});

test("after an undo nothing joins what was done before it", () => {
  const { session } = started();
  const move = () => session.perform("Move", (document) => moveSteps(document, ["load"], 1, 0), { coalesce: "move" });
  move();
  session.perform("Remove", (document) => removeSteps(document, ["clean"]));
  session.undo();
  move();
  session.undo();
  assert.deepEqual(session.document.layout?.load, [1, 0]);
});

test("the selection comes back with the document", () => {
  const { session, heard } = started();
  session.select(selectionOf({ steps: ["clean"], notes: [1] }), { reveal: true });
  assert.deepEqual(heard.map(([type]) => type), ["selection", "reveal"]);
  session.perform("Remove", (document) => removeSteps(document, session.selection.steps));
  assert.deepEqual([...session.selection.steps], []);
  assert.deepEqual([...session.selection.notes], [1]);
  session.undo();
  assert.deepEqual([...session.selection.steps], ["clean"]);
  session.redo();
  assert.deepEqual([...session.selection.steps], []);
});

test("what was added can be selected by the deed", () => {
  const { session } = started();
  session.perform("Add", (document) => addStep(document, { name: "new", template: "x" }), { select: selectionOf({ steps: ["new"] }) });
  assert.deepEqual([...session.selection.steps], ["new"]);
  session.undo();
  session.redo();
  assert.deepEqual([...session.selection.steps], ["new"]);
});

test("only what is there can be selected", () => {
  const { session } = started();
  session.select(selectionOf({ steps: ["load", "nobody"], edges: ['["load","clean"]', '["load","nobody"]'], notes: [0, 9] }));
  assert.deepEqual(session.selection, selectionOf({ steps: ["load"], edges: ['["load","clean"]'], notes: [0] }));
});

test("replacing the whole document is a deed", () => {
  const { session } = started();
  session.replace(frozen({ schema: 1, steps: [] }), "Restore version 3");
  assert.equal(session.undoLabel, "Restore version 3");
  session.undo();
  assert.equal(session.document, SAMPLE);
});

test("the history is bounded by number and by size, and always holds the last deed", () => {
  const few = started({ history: new History({ entries: 3 }) }).session;
  for (let number = 0; number < 9; number += 1) few.perform("Add", (document) => addStep(document, { name: "n", template: "x" }));
  while (few.canUndo) few.undo();
  assert.equal(few.document.steps.length, SAMPLE.steps.length + 6);
  const small = started({ history: new History({ size: 500 }) }).session;
  for (const comment of ["a".repeat(300), "b".repeat(20), "c".repeat(20), "d".repeat(9000)]) {
    small.perform("Say", (document) => setStepField(document, "load", ["comment"], comment));
  }
  assert.equal(small.history.entries.length, 1);
});
