/** Whatever is done can be undone: random documents, random deeds, every command among them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as commands from "../../../static/js/editor/model/commands.js";
import { applied, difference, reversed } from "../../../static/js/editor/model/difference.js";
import { edgesOf } from "../../../static/js/editor/model/graph.js";
import { History } from "../../../static/js/editor/history.js";
import { Session } from "../../../static/js/editor/session.js";
import { frozen } from "./documents.js";
import { Luck, randomDeed, randomDocument } from "./random.js";

const SEEDS = Array.from({ length: 120 }, (_, seed) => seed);

/** Does some deeds, each from a frozen document. @param {Luck} luck @param {any} session @param {number} count */
function doSome(luck, session, count) {
  const labels = [];
  for (let number = 0; number < count; number += 1) {
    const { label, change } = randomDeed(session.document, luck);
    session.perform(label, (/** @type {any} */ document) => frozen(change(document)), { coalesce: luck.one([null, "same"]) });
    labels.push(label);
  }
  return labels;
}

test("undoing everything gives the first document, redoing everything the last", () => {
  const done = new Set();
  for (const seed of SEEDS) {
    const luck = new Luck(seed);
    const first = randomDocument(luck);
    const session = new Session({ document: first, revision: 1, clock: () => seed });
    doSome(luck, session, 25).forEach((label) => done.add(label));
    const last = session.document;
    while (session.canUndo) session.undo();
    assert.equal(session.document, first, `seed ${seed}`);
    while (session.canRedo) session.redo();
    assert.equal(session.document, last, `seed ${seed}`);
    assert.doesNotThrow(() => edgesOf(last));
  }
  const all = Object.keys(commands).filter((name) => name !== "copyText");
  assert.deepEqual(all.filter((name) => !done.has(name)), []);
});

test("what makes one document of another can be stored, and turned round", () => {
  for (const seed of SEEDS) {
    const luck = new Luck(seed);
    const session = new Session({ document: randomDocument(luck), revision: 1 });
    const before = session.document;
    doSome(luck, session, 4);
    for (const [one, other] of [[before, session.document], [structuredClone(before), session.document], [before, randomDocument(luck)]]) {
      const changes = frozen(structuredClone(difference(one, other)));
      assert.deepEqual(applied(one, changes), other, `seed ${seed}`);
      assert.deepEqual(applied(other, reversed(changes)), one, `seed ${seed}`);
    }
  }
});

test("a history that was kept gives the same documents", () => {
  for (const seed of SEEDS.slice(0, 40)) {
    const luck = new Luck(seed);
    const session = new Session({ document: randomDocument(luck), revision: 1 });
    doSome(luck, session, 12);
    // Others change it meanwhile, which makes gaps between one's own deeds.
    if (luck.next() < 0.5) session.arrive(frozen(randomDeed(session.document, luck).change(session.document)), "Others");
    doSome(luck, session, 3);
    for (let back = luck.number(6); back > 0; back -= 1) session.undo();
    if (luck.next() < 0.5) session.arrive(frozen(randomDeed(session.document, luck).change(session.document)), "Others");
    const history = new History();
    history.restore(structuredClone(session.history.toKeep(session.document)), structuredClone(session.document));
    const again = new Session({ document: structuredClone(session.document), revision: 1, history });
    assert.equal(again.undoLabel, session.undoLabel);
    for (const way of /** @type {const} */ (["undo", "redo", "redo", "undo"])) {
      for (let number = 0; number < 12; number += 1) {
        session[way]();
        again[way]();
        assert.deepEqual(again.document, session.document, `seed ${seed}`);
      }
    }
  }
});

test("the difference of small deeds in a large document is small", () => {
  const steps = Array.from({ length: 2000 }, (_, number) => ({ name: `s${number}`, template: "work", parents: number ? [`s${number - 1}`] : undefined }));
  const document = frozen({ schema: 1, steps });
  for (const change of [
    (/** @type {any} */ d) => commands.removeSteps(d, ["s5", "s1000"], { heal: true }),
    (/** @type {any} */ d) => commands.insertOnEdge(d, { template: "check" }, "s5", "s6"),
    (/** @type {any} */ d) => commands.setStepField(d, "s7", ["queue"], "gpu"),
    (/** @type {any} */ d) => commands.renameStep(d, "s8", "eight"),
  ]) {
    const after = change(document);
    const changes = difference(document, after);
    assert.ok(JSON.stringify(changes).length < 1000);
    assert.deepEqual(applied(document, changes), after);
  }
});
