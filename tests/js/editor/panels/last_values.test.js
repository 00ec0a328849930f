import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeInWords, valueOf } from "../../../../static/js/editor/panels/last_values.js";

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

test("a value of an older run says so", () => {
  const known = { run: { number: 9 }, pipeline: {}, steps: { load: { run: 7, outputs: { n: 1 } } } };
  const reference = { source: "step", what: "outputs", path: ["n"], step: "load", each: false };
  assert.deepEqual(valueOf(known, /** @type {any} */ (reference)), { value: 1, run: 7 });
});

test("an artifact is told by its kind and size, not by its address", () => {
  const known = { run: null, pipeline: {}, steps: { load: { artifacts: { data: { url: "artifact://x", kind: "table", size: 12_340 } } } } };
  const reference = /** @type {const} */ ({ source: "step", what: "artifacts", path: ["data"], step: "load", each: false });
  assert.deepEqual(valueOf(known, /** @type {any} */ (reference)), { value: "artifact://x", words: "table, 12.3 KB" });
  assert.deepEqual([0, 999, 1000, 25_000_000].map(sizeInWords), ["0 B", "999 B", "1.0 KB", "25.0 MB"]);
});
