/** Keys as the table of verbs writes them, and no key twice. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { nameOfKey } from "../../../static/js/editor/bar/keys.js";
import { VERBS } from "../../../static/js/editor/verbs.js";

const key = (name, held = {}) => nameOfKey({ key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test("keys are named as people write them", () => {
  assert.equal(key("z", { ctrlKey: true }), "Ctrl+Z");
  assert.equal(key("Z", { metaKey: true, shiftKey: true }), "Ctrl+Shift+Z");
  assert.equal(key("?", { shiftKey: true }), "?");
  assert.equal(key("Delete"), "Delete");
  assert.equal(key("F2", { shiftKey: true }), "Shift+F2");
});

test("no key asks for two things", () => {
  const keys = Object.values(VERBS).flatMap((verb) => verb.keys ?? []);
  assert.deepEqual(keys.filter((one, place) => keys.indexOf(one) !== place), []);
});
