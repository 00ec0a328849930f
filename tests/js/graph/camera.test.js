/** The camera: zooming about a point, fitting, revealing, and the way between two views. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  MAX_SCALE, MIN_SCALE, between, fitted, panned, revealing, toWorld, viewBox, zoomedTo,
} from "../../../static/js/graph/camera.js";

const VIEW = { width: 800, height: 600 };
const BOX = { left: 0, top: 0, right: 4000, bottom: 1000 };

/** @param {number} actual @param {number} expected */
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} instead of ${expected}`);

test("the point under the pointer stays there while zooming", () => {
  const camera = { x: 37, y: -12, scale: 0.7 };
  const before = toWorld(camera, 250, 130);
  const after = toWorld(zoomedTo(camera, 1.9, 250, 130), 250, 130);
  near(after[0], before[0]);
  near(after[1], before[1]);
});

test("zoom stops at its ends", () => {
  const camera = { x: 0, y: 0, scale: 1 };
  assert.equal(zoomedTo(camera, 100, 0, 0).scale, MAX_SCALE);
  assert.equal(zoomedTo(camera, 1e-9, 0, 0).scale, MIN_SCALE);
});

test("a fitted box is all in view and centred", () => {
  const camera = fitted(BOX, VIEW, { padding: 20 });
  const seen = viewBox(camera, VIEW);
  assert.ok(seen.left < BOX.left && seen.right > BOX.right && seen.top < BOX.top && seen.bottom > BOX.bottom);
  near(BOX.left - seen.left, seen.right - BOX.right);
  near(BOX.top - seen.top, seen.bottom - BOX.bottom);
});

test("a small graph is not blown up", () => {
  assert.equal(fitted({ left: 0, top: 0, right: 100, bottom: 50 }, VIEW).scale, 1);
});

test("fitting into a view without room gives a camera all the same", () => {
  assert.ok(fitted(BOX, { width: 0, height: 0 }).scale > 0);
});

test("revealing moves no more than it must", () => {
  const camera = { x: 0, y: 0, scale: 1 };
  const moved = revealing(camera, { left: 900, top: 100, right: 1100, bottom: 150 }, VIEW, 20);
  assert.deepEqual(moved, { x: 780 - 1100, y: 0, scale: 1 });
});

test("what is in view is not moved", () => {
  const camera = { x: 0, y: 0, scale: 1 };
  assert.equal(revealing(camera, { left: 300, top: 300, right: 500, bottom: 350 }, VIEW), camera);
});

test("what is larger than the view is centred", () => {
  const moved = revealing({ x: 0, y: 0, scale: 1 }, { left: 0, top: 0, right: 2000, bottom: 100 }, VIEW, 0);
  assert.equal(moved.x, 400 - 1000);
});

test("the way between two cameras begins and ends where it should", () => {
  const [from, to] = [{ x: 10, y: 20, scale: 0.3 }, { x: -400, y: 90, scale: 1.2 }];
  for (const [part, end] of /** @type {const} */ ([[0, from], [1, to]])) {
    const camera = between(from, to, part, VIEW);
    near(camera.x, end.x);
    near(camera.y, end.y);
    near(camera.scale, end.scale);
  }
});

test("a zoom about a point keeps that point still all the way", () => {
  const from = { x: 0, y: 0, scale: 0.5 };
  const to = zoomedTo(from, 2, 200, 150);
  const [x, y] = toWorld(between(from, to, 0.4, VIEW), 200, 150);
  near(x, 400);
  near(y, 300);
});

test("panning moves the picture by pixels of the screen", () => {
  assert.deepEqual(panned({ x: 1, y: 2, scale: 0.5 }, 10, -4), { x: 11, y: -2, scale: 0.5 });
});
