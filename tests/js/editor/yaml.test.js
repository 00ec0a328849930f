/** A document as YAML, and which of its lines are which step's. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOf, writeYaml } from "../../../static/js/editor/files/yaml.js";
import { wordsOf } from "../../../static/js/editor/panels/code_words.js";

const DOCUMENT = {
  schema: 1,
  steps: [
    { name: "load", template: "sample/load", parameters: { "General/rows": "${pipeline.rows}", deep: { a: [1, { b: null }] } } },
    { name: "on", parents: ["load"], comment: "two\nlines" },
  ],
  layout: { load: [10, -20] },
};

test("YAML reads well and quotes what would be read otherwise", () => {
  assert.equal(writeYaml(DOCUMENT), `schema: 1
steps:
  - name: load
    template: sample/load
    parameters:
      General/rows: "\${pipeline.rows}"
      deep:
        a:
          - 1
          - {b: null}
  - {name: "on", parents: [load], comment: "two\\nlines"}
layout: {load: [10, -20]}
`);
});

test("nothing is left empty", () => {
  assert.equal(writeYaml({ a: {}, b: [], c: "" }), 'a: {}\nb: []\nc: ""\n');
});

for (const format of ["yaml", "json"]) {
  test(`the lines of ${format} are its text, and know their steps`, () => {
    const { lines, steps } = linesOf(DOCUMENT, format);
    const whole = format === "json" ? `${JSON.stringify(DOCUMENT, null, 2)}\n` : writeYaml(DOCUMENT);
    assert.equal(`${lines.join("\n")}\n`, whole);
    assert.deepEqual([...new Set(steps)], [null, "load", "on"]);
    assert.ok(lines[steps.indexOf("on")].includes("on") || lines[steps.indexOf("on") + 1].includes("on"));
  });
}

test("words have kinds, and no sign is lost", () => {
  const line = '  "General/rows": "${pipeline.rows}", depth: 3, flag: true';
  const words = wordsOf(line);
  assert.equal(words.map(([, text]) => text).join(""), line);
  assert.deepEqual(words.filter(([kind]) => kind === "key").map(([, text]) => text.trim()), ['"General/rows"', "depth", "flag"]);
});
