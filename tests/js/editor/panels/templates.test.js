import assert from "node:assert/strict";
import { test } from "node:test";
import { newerThan, parametersOf } from "../../../../static/js/editor/panels/templates.js";

test("a pinned step is told of the newer version and keeps the parameters of its own", () => {
  const template = { title: "", project: "p", version: 3, versions: [1, 2, 3], parameters: [{ name: "new" }], older: { 2: [{ name: "old" }] }, page: "" };
  assert.equal(newerThan(template, 2), 3);
  assert.equal(newerThan(template, 3), null);
  assert.equal(newerThan(template, undefined), null);
  assert.deepEqual(parametersOf(template, 2), [{ name: "old" }]);
  assert.deepEqual(parametersOf(template, "latest"), [{ name: "new" }]);
});
