/** Layers: dummies for long edges, shared where edges have an end in common. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { buildLayers } from "../../../static/js/graph/layout/layers.js";
import { components, ranksOf } from "../../../static/js/graph/layout/ranks.js";
import { CHAIN, ISLANDS, LONG_EDGE, modelOf } from "./named_graphs.js";

/** @param {import("../../../static/js/graph/model.js").Model} model */
const layersOf = (model) => buildLayers(model, components(model)[0], ranksOf(model));

test("a graph without long edges has no dummies", () => {
  const layers = layersOf(CHAIN);
  assert.equal(layers.count, 3);
  assert.equal(layers.linkFrom.length, 2);
});

test("every link joins neighbouring columns", () => {
  const { rank, linkFrom, linkTo } = layersOf(LONG_EDGE);
  linkFrom.forEach((from, link) => assert.equal(rank[linkTo[link]] - rank[from], 1));
});

test("three long edges out of one step share its dummies and their links", () => {
  // a → b → c → d; a feeds x, y and z past them
  const layers = layersOf(modelOf({ a: "", b: "a", c: "b", d: "c", x: "c a", y: "c a", z: "c a" }));
  assert.equal(layers.count - layers.real, 2);
  const links = [...layers.linkFrom].map((from, i) => `${from} ${layers.linkTo[i]}`);
  assert.equal(new Set(links).size, links.length);
});

test("three long edges into one step share its dummies", () => {
  // three chains of different length end in one step
  const layers = layersOf(modelOf({ a: "", b: "a", c: "b", d: "c", x: "a", y: "a", z: "a", end: "d x y z" }));
  assert.equal(layers.count - layers.real, 2);
});

test("components are lists of what hangs together, loose steps last", () => {
  assert.deepEqual(components(ISLANDS), [[0, 1], [2, 3], [4]]);
  assert.deepEqual(components(modelOf({ loose: "", a: "", b: "a" })), [[1, 2], [0]]);
});
