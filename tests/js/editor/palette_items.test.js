/** What a search, a project and a tag leave of the palette. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { choicesOf, isSupported, sectionsOf } from "../../../static/js/editor/panels/palette_items.js";

const item = (slug, more = {}) => ({ kind: "task", template: `sample/${slug}`, title: slug, project: "sample", tags: [], ...more });
const ITEMS = [item("train", { tags: ["ml"] }), item("load", { description: "reads training rows" }), item("retrain", { project: "other" })];
const all = { query: "", project: "", tag: "" };
const titles = (wanted) => sectionsOf(ITEMS, { ...all, ...wanted }).map(({ title, items }) => [title, items.map((one) => one.title)]);

test("by project, in order of titles", () => {
  assert.deepEqual(titles({}), [["sample", ["load", "train"]], ["other", ["retrain"]]]);
});

test("what begins with the words comes first, what speaks of them last", () => {
  assert.deepEqual(titles({ query: "train" }), [["Found", ["train", "retrain", "load"]]]);
  assert.deepEqual(titles({ query: "reads train" }), [["Found", ["load"]]]);
  assert.deepEqual(titles({ query: "nothing" })[0][1], []);
});

test("a project and a tag leave their own", () => {
  assert.deepEqual(titles({ project: "other" }), [["other", ["retrain"]]]);
  assert.deepEqual(titles({ tag: "ml" }), [["sample", ["train"]]]);
  assert.deepEqual(choicesOf(ITEMS), { projects: ["other", "sample"], tags: ["ml"] });
});

test("the functions of scripts are there for who searches", () => {
  const both = [item("train"), item("flow-train", { tags: ["function step"], last_used: "2026-01-01T00:00:00Z" })];
  const shown = (/** @type {any} */ wanted) => sectionsOf(both, { ...all, ...wanted }).flatMap(({ items }) => items.map(({ title }) => title));
  assert.deepEqual(shown({}), ["train"]);
  assert.deepEqual(shown({ project: "sample" }), ["train"]);
  assert.deepEqual(shown({ query: "flow" }), ["flow-train"]);
  assert.deepEqual(shown({ tag: "function step" }), ["flow-train"]);
});

test("the newest used come first once there are many", () => {
  const many = Array.from({ length: 12 }, (_, n) => item(`t${n}`, { last_used: n < 7 ? `2026-01-0${n + 1}T00:00:00Z` : null }));
  const [recent] = sectionsOf(many, all);
  assert.deepEqual([recent.title, recent.items.map(({ title }) => title)], ["Recent", ["t6", "t5", "t4", "t3", "t2"]]);
});

test("only kinds that the schema supports", () => {
  const schema = { properties: { steps: { items: { properties: { kind: { enum: ["task", "pipeline"], "x-supported-values": ["task"] } } } } } };
  assert.deepEqual(["task", "pipeline"].map((kind) => isSupported(schema, kind)), [true, false]);
});
