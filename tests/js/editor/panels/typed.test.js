import assert from "node:assert/strict";
import { test } from "node:test";
import { Typed } from "../../../../static/js/editor/panels/typed.js";

test("what was typed stays until the document says something else", () => {
  const typed = new Typed();
  typed.keep("load rows", "1.0", 1);
  assert.equal(typed.at("load rows", 1)?.text, "1.0");
  assert.equal(typed.at("load rows", 2), null, "undone elsewhere");
  assert.equal(typed.at("load rows", 1), null, "and forgotten");
});

test("what is wrong stays beside the text that has not reached the document", () => {
  const typed = new Typed();
  typed.keep("load list", "[1,", undefined, "not JSON yet");
  assert.deepEqual(typed.at("load list", undefined), { text: "[1,", value: undefined, error: "not JSON yet" });
});
