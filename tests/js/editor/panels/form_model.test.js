import assert from "node:assert/strict";
import { test } from "node:test";
import { others, parameterSections, schemaFields, strangers, withDefaults } from "../../../../static/js/editor/panels/form_model.js";

const SPECS = [
  { name: "General/rows", type: "integer", default: 10, minimum: 1, help: "How many" },
  { name: "Model/kind", type: "choice", choices: ["linear", "forest"] },
  { name: "General/name", type: "string", required: true },
];

const STEP = {
  required: ["name"],
  properties: {
    name: { type: "string" },
    queue_timeout: { type: "number", exclusiveMinimum: 0, "x-supported": false },
    priority: { type: "integer", minimum: -10, maximum: 10, default: 0, description: "Higher goes first" },
    kind: { type: "string", enum: ["task", "approval"], default: "task", "x-supported-values": ["task"] },
    tags: { type: "array", items: { type: "string" } },
    retries: {
      type: "object",
      properties: { number: { type: "integer" }, on: { type: "array", items: { type: "string", enum: ["failed"] } } },
    },
    monitor: { type: "array", items: { type: "object", properties: { title: { type: "string" } } } },
    parameters: { type: "object", additionalProperties: {} },
    comment: { type: "string" },
  },
};

test("a template's parameters come by section, in their order, with what is given", () => {
  const sections = parameterSections(SPECS, { rows: 5 });
  assert.deepEqual(sections.map(({ heading }) => heading), ["General", "Model"]);
  const [rows, name] = sections[0].fields;
  assert.deepEqual([rows.label, rows.value, rows.kind.default, rows.help], ["rows", 5, 10, "How many"]);
  assert.deepEqual(rows.path, ["parameters", "rows"], "a bare name that is given stays bare");
  assert.deepEqual(name.path, ["parameters", "General/name"]);
  assert.equal(name.value, undefined);
  assert.equal(name.kind.required, true);
});

test("what the template does not take is found", () => {
  assert.deepEqual(strangers(SPECS, { rows: 1, "General/colour": 2, "Model/kind": "x" }), ["General/colour"]);
});

test("a form offers what the engine can do, and only that", () => {
  const fields = schemaFields(STEP, { priority: 3 }, { without: ["name", "parameters"] });
  assert.deepEqual(fields.map(({ label }) => label), ["Priority", "Kind", "Tags", "Retries", "Monitor", "Comment"]);
  assert.deepEqual(fields.map(({ shape }) => shape), ["value", "value", "words", "group", "rows", "value"]);
  assert.deepEqual(fields[1].kind.choices, ["task"]);
  assert.equal(fields[0].value, 3);
  assert.deepEqual(fields[3].fields.map(({ path, shape }) => [path.join("."), shape]), [
    ["retries.number", "value"],
    ["retries.on", "set"],
  ]);
});

test("a word that only scripts write is shown where it stands, and offered nowhere", () => {
  const hook = { properties: { kind: { type: "string", enum: ["python", "script"], "x-unoffered": ["script"] } } };
  const choices = (/** @type {any} */ value) => schemaFields(hook, value)[0].kind.choices;
  assert.deepEqual(choices({ kind: "python" }), ["python"]);
  assert.deepEqual(choices({ kind: "script" }), ["python", "script"]);
});

test("a key appears when it is supported", () => {
  const now = structuredClone(STEP);
  delete (/** @type {any} */ (now.properties.queue_timeout)["x-supported"]);
  const labels = schemaFields(now, {}).map(({ label }) => label);
  assert.ok(labels.includes("Queue timeout"));
});

test("keys that are not offered are named, and who keeps them", () => {
  assert.deepEqual(others(STEP, { name: "a", queue_timeout: 5, "x-colour": "red" }), [
    { name: "queue_timeout", kept: false },
    { name: "x-colour", kept: true },
  ]);
});

test("what the pipeline says for its steps is their default", () => {
  const fields = withDefaults(schemaFields(STEP, {}, { without: ["name"] }), { priority: 7, retries: { number: 2 } });
  const of = (/** @type {string} */ label) => fields.find((field) => field.label === label);
  assert.equal(of("Priority")?.kind.default, 7);
  assert.equal(of("Retries")?.fields[0].kind.default, 2);
  assert.equal(of("Tags")?.kind.default, undefined);
  assert.deepEqual(withDefaults(fields, undefined), fields);
});

test("a form has only what is for its kind of step; what stands there all the same can be taken out", () => {
  const schema = { properties: { queue: { type: "string", "x-kinds": ["task"] }, comment: { type: "string" } } };
  assert.deepEqual(schemaFields(schema, {}, { kind: "pipeline" }).map(({ label }) => label), ["Comment"]);
  assert.deepEqual(schemaFields(schema, {}, { kind: "task" }).map(({ label }) => label), ["Queue", "Comment"]);
  assert.deepEqual(others(schema, { queue: "gpu" }, "pipeline"), [{ name: "queue", kept: false }]);
});

test("a key that is for some words of another is there beside these only, or when it stands there", () => {
  const schema = {
    properties: { type: { type: "string", enum: ["string", "integer"], default: "string" }, minimum: { type: "number", "x-when": { type: ["integer", "number"] } } },
  };
  const labels = (/** @type {Record<string, any>} */ value) => schemaFields(schema, value).map(({ label }) => label);
  assert.deepEqual(labels({}), ["Type"]);
  assert.deepEqual(labels({ type: "integer" }), ["Type", "Minimum"]);
  assert.deepEqual(labels({ type: "string", minimum: 3 }), ["Type", "Minimum"]);
});
