/** The browser merges as the server does: both run tests/scenarios/merge. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { renameStep } from "../../../static/js/editor/model/commands.js";
import { merge } from "../../../static/js/editor/model/merge.js";
import { frozen, SAMPLE, step } from "./documents.js";
import { Luck, randomDeed, randomDocument } from "./random.js";

const folder = new URL("../../scenarios/merge/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
const cases = files.flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")).cases);

test("there are scenarios", () => assert.ok(cases.length > 30));

for (const { title, base, mine, theirs, document, conflicts } of frozen(cases)) {
  test(`merged: ${title}`, () => {
    const merged = merge(base, mine, theirs);
    assert.deepEqual(merged.document, document);
    assert.deepEqual(merged.conflicts, conflicts);
  });
}

/** @param {any} document @param {Luck} luck @param {number} count */
function changed(document, luck, count) {
  let result = document;
  for (let number = 0; number < count; number += 1) result = frozen(randomDeed(result, luck).change(result));
  return result;
}

test("whoever has changed nothing takes what the other has made", () => {
  for (let seed = 0; seed < 150; seed += 1) {
    const luck = new Luck(seed);
    const base = randomDocument(luck);
    const one = changed(base, luck, 6);
    const copy = structuredClone(base);
    for (const [mine, theirs] of [[one, copy], [copy, one], [one, structuredClone(one)]]) {
      const { document, conflicts } = merge(base, mine, theirs);
      assert.deepEqual([document, conflicts], [one, []], `seed ${seed}`);
    }
  }
});

test("whatever both have done, it is merged, and merging again changes nothing", () => {
  let clashes = 0;
  for (let seed = 0; seed < 300; seed += 1) {
    const luck = new Luck(seed);
    const base = randomDocument(luck);
    const [one, other] = [changed(base, luck, 4), changed(base, luck, 4)];
    const { document, conflicts } = merge(base, one, other);
    clashes += conflicts.length;
    assert.deepEqual(merge(other, document, other).document, document, `seed ${seed}`);
    assert.deepEqual(merge(base, document, structuredClone(document)).document, document);
  }
  assert.ok(clashes > 50);
});

test("mine's new names are told, so that what is selected stays selected", () => {
  const mine = frozen({ ...SAMPLE, steps: [...SAMPLE.steps, { name: "new", template: "x" }] });
  const added = { ...SAMPLE, steps: [...SAMPLE.steps, { name: "new", template: "y" }] };
  assert.deepEqual([...merge(SAMPLE, mine, added).renamed], [["new", "new-2"]]);
  assert.deepEqual([...merge(SAMPLE, mine, renameStep(SAMPLE, "load", "read")).renamed], [["load", "read"]]);
  assert.equal(merge(SAMPLE, mine, added, { twins: true }).document.steps.length, 6);
});

test("what stayed is shared, so that little is drawn anew", () => {
  const mine = frozen({ ...SAMPLE, tags: ["mine"] });
  const theirs = frozen({ ...SAMPLE, steps: SAMPLE.steps.map((one) => (one.name === "load" ? { ...one, queue: "io" } : structuredClone(one))) });
  const { document } = merge(SAMPLE, mine, theirs);
  assert.equal(document.layout, SAMPLE.layout);
  assert.equal(step(document, "load").queue, "io");
});
