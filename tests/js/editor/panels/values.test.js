import assert from "node:assert/strict";
import { test } from "node:test";
import { fault, holdsReference, read, shown } from "../../../../static/js/editor/panels/values.js";

/** @param {any} kind @param {string} text */
const valueOf = (kind, text) => read(kind, text).value;
/** @param {any} kind @param {string} text */
const errorOf = (kind, text) => read(kind, text).error;

test("what is typed becomes a value of the declared type", () => {
  assert.equal(valueOf({ type: "integer" }, " 12 "), 12);
  assert.equal(valueOf({ type: "number" }, "1e-3"), 0.001);
  assert.equal(valueOf({ type: "boolean" }, "false"), false);
  assert.equal(valueOf({ type: "string" }, "12"), "12");
  assert.deepEqual(valueOf({ type: "json" }, '{"a": [1]}'), { a: [1] });
  assert.equal(valueOf({ type: "choice", choices: ["a", 2] }, "2"), 2);
});

test("what does not fit is told of and kept as it was typed", () => {
  assert.equal(errorOf({ type: "integer" }, "1.5"), "This takes a whole number, not 1.5.");
  assert.equal(valueOf({ type: "integer" }, "1.5"), "1.5");
  assert.equal(errorOf({ type: "number" }, "0x10"), "This takes a number, not 0x10.");
  assert.match(errorOf({ type: "choice", choices: ["a", "b"] }, "c"), /one of a, b/);
  assert.equal(errorOf({ type: "integer", minimum: 1 }, "0"), "This is at least 1.");
  assert.equal(errorOf({ type: "number", above: 0 }, "0"), "This is more than 0.");
  assert.equal(errorOf({ type: "number", maximum: 2 }, "3"), "This is at most 2.");
});

test("half-typed JSON does not become a text by accident", () => {
  const reading = read({ type: "json" }, "[1, 2");
  assert.equal(reading.keep, false);
  assert.match(reading.error, /not JSON yet/);
});

test("a reference fits everywhere, and an escaped one is text", () => {
  for (const type of ["string", "integer", "json", "boolean"]) {
    assert.deepEqual(read(/** @type {any} */ ({ type }), "${load.rows}"), { value: "${load.rows}", error: "", keep: true });
  }
  assert.ok(holdsReference("a ${b.c}"));
  assert.ok(!holdsReference("costs $${5}"));
  assert.notEqual(errorOf({ type: "integer" }, "$${5}"), "");
});

test("an emptied field says nothing, unless an empty text is meant", () => {
  assert.equal(valueOf({ type: "integer", default: 3 }, " "), undefined);
  assert.equal(valueOf({ type: "string" }, ""), undefined);
  assert.equal(valueOf({ type: "string", default: "all" }, ""), "");
  assert.equal(fault({ type: "string", filled: true }, ""), "This cannot be empty.");
});

test("what a field shows is read back as the same value", () => {
  const values = [0, -1.5, true, null, "", "text", "5", '"quoted"', "${a.b}", [1, { a: "${b.c}" }], { a: null }, "null"];
  for (const value of values) {
    if (value !== "") assert.deepEqual(read({ type: "any" }, shown({ type: "any" }, value)).value, value);
    assert.deepEqual(read({ type: "json" }, shown({ type: "json" }, value)).value, value);
  }
});
