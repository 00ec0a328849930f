/** The sprite: a symbol for every status and for every icon that the code names. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { STATUSES } from "../../../static/js/graph/statuses.js";

const STATIC = new URL("../../../static/", import.meta.url);
const sprite = readFileSync(new URL("icons.svg", STATIC), "utf8");
const symbols = [...sprite.matchAll(/<symbol id="([^"]+)"/g)].map(([, id]) => id);

test("every status has a symbol", () => {
  for (const status of STATUSES) assert.ok(symbols.includes(`status-${status}`), status);
});

test("no symbol is there twice", () => {
  assert.equal(new Set(symbols).size, symbols.length);
});

test("every icon that the graph names is in the sprite", () => {
  const folder = new URL("js/graph/", STATIC);
  const files = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith(".js"));
  const named = files.flatMap((name) => readFileSync(new URL(name, folder), "utf8").match(/"(icon-[a-z-]+)"/g) ?? []);
  assert.ok(named.length > 3);
  for (const icon of named) assert.ok(symbols.includes(icon.slice(1, -1)), icon);
});

test("symbols take their colour from the text around them", () => {
  assert.doesNotMatch(sprite, /(fill|stroke)="(?!none|currentColor)/);
});
