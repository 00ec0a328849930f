import assert from "node:assert/strict";
import { test } from "node:test";
import { valueOf } from "../../../../static/js/editor/panels/last_values.js";

test("references find what the last run gave, and nothing where nothing is known", () => {
  const known = {
    run: { number: 1 }, pipeline: { rows: 7 },
    steps: { load: { status: "failed", outputs: { n: 0 }, artifacts: { data: { url: "u", size: 5 }, old: "plain" }, metrics: { loss: { val: 0.1 } } } },
  };
  const at = (/** @type {any} */ what, /** @type {string[]} */ path, /** @type {any} */ more = {}) =>
    valueOf(known, { source: "step", what, path, step: "load", each: false, ...more })?.value;
  assert.equal(at("outputs", ["n"]), 0);
  assert.equal(at("status", []), "failed");
  assert.equal(at("artifacts", ["data"]), "u");
  assert.equal(at("artifacts", ["data", "size"]), 5);
  assert.equal(at("artifacts", ["old"]), "plain");
  assert.equal(at("metrics", ["loss", "val"]), 0.1);
  assert.equal(at("parameters", ["rows"], { source: "pipeline", step: null }), 7);
  assert.equal(at("outputs", ["n"], { step: "gone" }), undefined);
  assert.equal(at("outputs", ["constructor"]), undefined);
});
