/** Gestures as states: a press becomes a click or a pan, two fingers zoom, Escape puts everything back. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { toWorld } from "../../../static/js/graph/camera.js";
import { Panning } from "../../../static/js/graph/gestures/panning.js";
import { Pinching } from "../../../static/js/graph/gestures/pinching.js";
import { Pressing } from "../../../static/js/graph/gestures/pressing.js";

/** As much of the stage as a gesture touches. */
function aStage() {
  const viewpoint = {
    camera: { x: 10, y: 20, scale: 0.5 },
    look(/** @type {{x: number, y: number, scale: number}} */ camera) { viewpoint.camera = camera; },
  };
  const scene = {
    viewpoint,
    stepAt: (/** @type {number} */ x) => (x < 100 ? 7 : null),
  };
  const clicks = /** @type {(number | null)[]} */ ([]);
  const stage = { isConnected: false, toggleAttribute() {}, removeAttribute() {} };
  const gestures = /** @type {any} */ ({
    scene, stage, clicks, pointers: new Map(), asked: { click: (/** @type {number | null} */ index) => clicks.push(index) },
  });
  return gestures;
}

test("a press that hardly moves is a click on what was under it", () => {
  const gestures = aStage();
  const press = new Pressing({ x: 50, y: 50 }, 1);
  assert.equal(press.move({ x: 52, y: 51 }), undefined);
  press.up({ x: 52, y: 51 }, 1, gestures);
  assert.deepEqual(gestures.clicks, [7]);
});

test("a press beside every step clicks on nothing", () => {
  const gestures = aStage();
  new Pressing({ x: 300, y: 50 }, 1).up({ x: 300, y: 50 }, 1, gestures);
  assert.deepEqual(gestures.clicks, [null]);
});

test("a press that moves becomes a pan and no click", () => {
  assert.ok(new Pressing({ x: 50, y: 50 }, 1).move({ x: 60, y: 50 }) instanceof Panning);
});

test("a pan moves the picture with the pointer", () => {
  const gestures = aStage();
  const pan = new Panning({ x: 50, y: 50 }, 1);
  pan.enter(gestures);
  pan.move({ x: 80, y: 40 }, 1, gestures);
  assert.deepEqual(gestures.scene.viewpoint.camera, { x: 40, y: 10, scale: 0.5 });
});

test("a cancelled pan puts the picture back", () => {
  const gestures = aStage();
  const pan = new Panning({ x: 50, y: 50 }, 1);
  pan.enter(gestures);
  pan.move({ x: 80, y: 40 }, 1, gestures);
  pan.cancel(gestures);
  assert.deepEqual(gestures.scene.viewpoint.camera, { x: 10, y: 20, scale: 0.5 });
});

test("two fingers twice as far apart zoom by two and keep what is between them", () => {
  const gestures = aStage();
  gestures.pointers.set(1, { x: 100, y: 100 }).set(2, { x: 200, y: 100 });
  const before = toWorld(gestures.scene.viewpoint.camera, 150, 100);
  const pinch = new Pinching([1, 2]);
  pinch.enter(gestures);
  gestures.pointers.set(1, { x: 70, y: 120 }).set(2, { x: 270, y: 120 });
  pinch.move({ x: 270, y: 120 }, 2, gestures);
  assert.equal(gestures.scene.viewpoint.camera.scale, 1);
  assert.deepEqual(toWorld(gestures.scene.viewpoint.camera, 170, 120), before);
});
