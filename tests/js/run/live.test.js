/** The page's socket: what it asks for, what it does when the connection is lost. No network here. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Live, waitBeforeRetry } from "../../../static/js/live.js";

/** A socket that a test opens, feeds and closes by hand. */
class Wire extends EventTarget {
  readyState = 0;
  /** @type {any[]} */
  sent = [];
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  opens() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  says(message) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }
  breaks(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

/** @type {Wire[]} */
let wires = [];
const last = () => wires[wires.length - 1];
const newLive = () => new Live(() => (wires.push(new Wire()), last()));
globalThis.WebSocket ??= /** @type {any} */ ({ OPEN: 1 });

beforeEach((context) => {
  wires = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  context.after?.(() => mock.timers.reset());
});

const follower = (number = 3) => {
  const seen = { number, frames: [], resyncs: 0 };
  return {
    seen, since: () => seen.number,
    frame: (frame) => (seen.frames.push(frame), (seen.number = frame.to)),
    resync: () => (seen.resyncs += 1),
  };
};

test("it subscribes with the number that the page has", () => {
  newLive().follow("run:1", follower(3));
  last().opens();
  assert.deepEqual(last().sent, [{ subscribe: [{ topic: "run:1", since: 3 }] }]);
});

test("nothing is connected until something is watched", () => {
  newLive();
  assert.equal(wires.length, 0);
});

test("after a break it asks again from its number", () => {
  const live = newLive();
  const run = follower(3);
  live.follow("run:1", run);
  last().opens();
  last().says({ topic: "run:1", from: 4, to: 9, changes: [] });
  last().breaks();
  assert.equal(live.state, "reconnecting");
  mock.timers.tick(700);
  assert.equal(wires.length, 2);
  last().opens();
  assert.deepEqual(last().sent, [{ subscribe: [{ topic: "run:1", since: 9 }] }]);
  last().says({ subscribed: ["run:1"] });
  assert.equal(live.state, "live");
});

test("watchers are called on a poke and after every connection", () => {
  let pokes = 0;
  newLive().watch("lines", () => (pokes += 1));
  last().opens();
  assert.equal(pokes, 1);
  last().says({ topic: "lines", poke: true });
  assert.equal(pokes, 2);
  last().breaks();
  mock.timers.tick(700);
  last().opens();
  assert.equal(pokes, 3);
});

test("who stops watching is not called, and the server is told", () => {
  let pokes = 0;
  const stop = newLive().watch("lines", () => (pokes += 1));
  last().opens();
  stop();
  last().says({ topic: "lines", poke: true });
  assert.equal(pokes, 1);
  assert.deepEqual(last().sent[1], { unsubscribe: ["lines"] });
});

test("a server that does not answer a ping is left for a new connection", () => {
  newLive().follow("run:1", follower());
  last().opens();
  last().says({ subscribed: ["run:1"] });
  mock.timers.tick(10_000);
  assert.deepEqual(last().sent[1], { ping: 1 });
  mock.timers.tick(5_000);
  assert.equal(wires.length, 2);
});

test("a server that answers pings is kept", () => {
  newLive().follow("run:1", follower());
  last().opens();
  for (let i = 0; i < 10; i += 1) {
    mock.timers.tick(10_000);
    last().says({ pong: 1 });
  }
  assert.equal(wires.length, 1);
});

test("words of a connection that was given up are not heard", () => {
  const live = newLive();
  const run = follower();
  live.follow("run:1", run);
  const old = last();
  old.opens();
  live.reconnectNow();
  old.says({ topic: "run:1", from: 4, to: 5, changes: [] });
  old.breaks();
  assert.equal(run.seen.frames.length, 0);
  assert.equal(wires.length, 2);
});

test("who is signed out is told and not connected again", () => {
  const live = newLive();
  live.follow("run:1", follower());
  last().opens();
  last().breaks(4401);
  mock.timers.tick(60_000);
  assert.equal(live.state, "signed out");
  assert.equal(wires.length, 1);
});

test("resync goes to the follower", () => {
  const run = follower();
  newLive().follow("run:1", run);
  last().opens();
  last().says({ topic: "run:1", resync: true });
  assert.equal(run.seen.resyncs, 1);
});

test("waiting grows with the time away, within bounds", () => {
  assert.equal(waitBeforeRetry(0, 0.5), 500);
  assert.equal(waitBeforeRetry(10_000, 0.5), 500);
  assert.equal(waitBeforeRetry(60_000, 0.5), 3000);
  assert.equal(waitBeforeRetry(3_600_000, 0.5), 15_000);
  assert.ok(waitBeforeRetry(60_000, 1) / waitBeforeRetry(60_000, 0) > 1.4);
});
