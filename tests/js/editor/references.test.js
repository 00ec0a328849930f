/** The browser reads references as the server does: both run tests/scenarios/references. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { renameStep } from "../../../static/js/editor/model/commands.js";
import { edgesOf } from "../../../static/js/editor/model/graph.js";
import { piecesOf, referencesIn, rewritten, rewrittenParameter, stepOf, stepsIn, written, writtenParameter } from "../../../static/js/editor/model/references.js";
import { frozen } from "./documents.js";

/** @param {string} name @returns {any[]} */
const cases = (name) => frozen(JSON.parse(readFileSync(new URL(`../../scenarios/references/${name}`, import.meta.url), "utf8")).cases);

for (const { text, pieces } of cases("reading.json")) {
  test(`read: ${text}`, () => assert.deepEqual(piecesOf(text), pieces));
}

for (const { from, to, before, after } of cases("renaming.json")) {
  test(`renamed: ${JSON.stringify(before)}`, () => assert.deepEqual(rewritten(before, from, to), after));
}

for (const { from, to, before, after, edges } of cases("documents.json")) {
  test(`a document's edges, and with “${from}” renamed`, () => {
    assert.deepEqual(edgesOf(before).map(({ parent, child, kind }) => [parent, child, kind]), edges);
    assert.deepEqual(renameStep(before, from, to), after);
  });
}

test("what names nothing stays the same value", () => {
  const value = frozen({ a: ["${load.x}", { b: "${clean.y}" }] });
  assert.equal(rewritten(value, "nobody", "else"), value);
  assert.equal(/** @type {any} */ (rewritten(value, "load", "read")).a[1], value.a[1]);
});

test("a reference to a parameter of the run is renamed", () => {
  const value = ["${pipeline.rows} ${pipeline.`rows`} $${pipeline.rows} ${rows.rows}", "${pipeline.run.id}"];
  assert.deepEqual(rewrittenParameter(value, "rows", "a b"), ["${pipeline.`a b`} ${pipeline.`a b`} $${pipeline.rows} ${rows.rows}", "${pipeline.run.id}"]);
});

test("references are found as they are written, with their steps", () => {
  const value = { a: "${load.x} ${`train a`.id} ${pipeline.rows}", b: ["${load.x}", "${broken", 3, null] };
  assert.deepEqual(referencesIn(value).map(({ text, step }) => [text, step]), [
    ["${load.x}", "load"], ["${`train a`.id}", "train a"], ["${pipeline.rows}", null], ["${load.x}", "load"],
  ]);
  assert.deepEqual(stepsIn(value), ["load", "train a"]);
  assert.deepEqual(["${load.x}", "${load.x} ", "x", "${item}"].map(stepOf), ["load", null, null, null]);
});

for (const name of ["load", "train a", "a`b", "v1.2", "}", "Größe", "😀", "a/b"]) {
  test(`what is written is read again: ${name}`, () => {
    const [read] = referencesIn(written(name, ["artifacts", name, "url"]));
    assert.deepEqual([read.step, read.what, read.path], [name, "artifacts", [name, "url"]]);
    const [parameter] = referencesIn(written("x", ["parameters", `Args/${name}`]));
    assert.deepEqual(parameter.path, [`Args/${name}`]);
    assert.deepEqual(referencesIn(writtenParameter(name))[0].path, [name]);
  });
}

test("parameters are written with their plain slash", () => assert.equal(written("load", ["parameters", "General/rows"]), "${load.parameters.General/rows}"));

test("the longest reference is counted in characters, as the server does", () => {
  const reference = (/** @type {number} */ length) => `\${\`${"😀".repeat(length - 8)}\`.id}`;
  assert.ok(piecesOf(reference(1024)));
  assert.equal(piecesOf(reference(1025)), null);
});

for (const piece of ["${", "${`", "``", "${a", "$", "$${", "x", "${`a``", "${a.id}"]) {
  test(`a megabyte of ${piece} is read or refused`, () => assert.doesNotThrow(() => piecesOf(piece.repeat(1024 * 1024 / piece.length))));
}
