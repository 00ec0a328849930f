/** The stylesheet: every status has a colour, a card rule, and takes its token from the page. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { STATUSES } from "../../../static/js/graph/statuses.js";

const css = readFileSync(new URL("../../../static/css/graph.css", import.meta.url), "utf8");

for (const status of STATUSES) {
  test(`${status} has its token and its card`, () => {
    assert.ok(css.includes(`--graph-${status}: var(--status-${status},`));
    assert.ok(css.includes(`[data-status="${status}"] { --graph-status: var(--graph-${status});`));
  });
}
