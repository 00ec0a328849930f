import assert from "node:assert/strict";
import { test } from "node:test";
import { tidied } from "../../../../static/js/editor/panels/tidied.js";

const SCHEMA = {
  required: ["schema", "steps"],
  properties: {
    schema: { const: 1 },
    parameters: { type: "array", default: [], items: { required: ["name"], properties: { name: { type: "string" }, type: { type: "string", default: "string" }, default: {} } } },
    steps: {
      type: "array",
      items: {
        required: ["name"],
        properties: {
          name: { type: "string" }, priority: { type: "integer", default: 0 }, parents: { type: "array", default: [] },
          parameters: { type: "object", additionalProperties: {} }, retries: { type: "object", properties: { number: { type: "integer", default: 0 } } },
        },
      },
    },
  },
};

test("what goes without saying is not said, and keys stand in the schema's order", () => {
  const document = /** @type {any} */ ({
    steps: [{ retries: { number: 0 }, priority: 0, name: "a", parents: [], parameters: { rows: 1, "Model/x": null }, "x-by": "ada" }],
    parameters: [{ type: "string", name: "n", default: null }],
    schema: 1,
  });
  const tidy = tidied(document, SCHEMA);
  assert.equal(JSON.stringify(tidy), JSON.stringify({
    schema: 1,
    parameters: [{ name: "n", default: null }],
    steps: [{ name: "a", parameters: { "General/rows": 1, "Model/x": null }, "x-by": "ada" }],
  }));
  assert.deepEqual(tidied(tidy, SCHEMA), tidy);
});
