/** Saving: when, over what, and what happens when it does not work. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { addStep } from "../../../static/js/editor/model/commands.js";
import { takeUp } from "../../../static/js/editor/saving/opening.js";
import { selectionOf } from "../../../static/js/editor/session.js";
import { names, step } from "./documents.js";
import { FakeClock, kept, opened } from "./fake_server.js";

const comment = (/** @type {any} */ document, name = "load") => step(document, name).comment;

test("a change is saved a second later, in one request with those that follow at once", async () => {
  const { clock, server, session, say, told } = opened();
  say("a");
  await clock.pass(500);
  say("ab");
  assert.deepEqual([session.saving.state, session.saving.edits, session.isSaved], ["unsaved", 2, false]);
  await clock.pass(999);
  assert.equal(server.puts, 0);
  await clock.pass(100);
  assert.equal(comment(server.document), "ab");
  assert.deepEqual(told, ["unsaved", "unsaved", "saving", "saved"]);
  assert.deepEqual([session.revision, session.saving.revision, session.isSaved], [2, 2, true]);
  assert.ok(session.saving.at);
});

test("who never pauses is saved within two seconds all the same", async () => {
  const { clock, server, say } = opened();
  for (let number = 0; number < 20; number += 1) {
    say(`text ${number}`);
    await clock.pass(100);
  }
  assert.ok(server.puts >= 1);
  assert.notEqual(comment(server.document), undefined);
});

test("what is changed while it is saved is saved next", async () => {
  const { clock, server, say, session } = opened({ weather: () => ({ delay: 300, fault: "" }) });
  say("one");
  await clock.pass(1200);
  say("two");
  await clock.pass(500);
  assert.deepEqual([comment(server.document), session.saving.state], ["one", "unsaved"]);
  await clock.pass(2000);
  assert.deepEqual([comment(server.document), server.puts, session.saving.state], ["two", 2, "saved"]);
});

test("what is undone before it is saved needs no saving", async () => {
  const { clock, server, say, session } = opened();
  say("a");
  session.undo();
  assert.equal(session.saving.state, "saved");
  await clock.pass(5000);
  assert.equal(server.puts, 0);
});

test("saving now waits for all of it and gives the revision", async () => {
  const { clock, server, say, session } = opened();
  say("a");
  const promise = session.saveNow();
  await clock.pass(60);
  assert.equal(await promise, 2);
  assert.equal(await session.saveNow(), 2);
  assert.equal(comment(server.document), "a");
});

test("the news of one's own save asks for nothing", async () => {
  const { clock, server, saver, say } = opened();
  server.watchers.add((revision) => saver.look(revision));
  say("a");
  await clock.pass(3000);
  saver.look(server.revision);
  await clock.pass(3000);
  assert.deepEqual([server.revision, server.puts, server.gets], [2, 1, 0]);
  saver.look();
  await clock.pass(3000);
  assert.equal(server.gets, 1);
});

test("what is saved while one asks is asked for, too", async () => {
  const mine = opened({ weather: () => ({ delay: 300, fault: "" }) });
  const { clock, server, saver } = mine;
  server.watchers.add((revision) => saver.look(revision));
  server.save({ ...server.document, tags: ["first"] }, 1, "ada");
  await clock.pass(400);
  server.save({ ...server.document, tags: ["second"] }, 2, "ada");
  await clock.pass(3000);
  assert.deepEqual(mine.session.document.tags, ["second"]);
});

test("another's save is merged, and is no deed of one's own", async () => {
  const clock = new FakeClock();
  const mine = opened({ clock });
  const theirs = opened({ clock, server: mine.server, actor: "ada" });
  mine.server.watchers.add((revision) => mine.saver.look(revision));
  mine.say("mine");
  theirs.say("theirs", "clean");
  await clock.pass(4000);
  for (const document of [mine.session.document, mine.server.document]) {
    assert.deepEqual([comment(document), comment(document, "clean")], ["mine", "theirs"]);
  }
  assert.equal(mine.session.conflict, null);
  mine.session.undo();
  assert.deepEqual([comment(mine.session.document), comment(mine.session.document, "clean")], [undefined, "theirs"]);
  assert.equal(mine.session.canUndo, false);
  mine.session.redo();
  assert.deepEqual([comment(mine.session.document), comment(mine.session.document, "clean")], ["mine", "theirs"]);
});

test("two add a step of one name at once, and each can take back one's own", async () => {
  const clock = new FakeClock();
  const mine = opened({ clock });
  const theirs = opened({ clock, server: mine.server, actor: "ada" });
  const added = (/** @type {[number, number]} */ at) => (/** @type {any} */ document) => addStep(document, { template: "sample/check", at });
  theirs.session.perform("Add", added([1, 1]));
  await clock.pass(300);
  mine.session.perform("Add", added([9, 9]), { select: selectionOf({ steps: ["check"] }) });
  await clock.pass(4000);
  theirs.saver.look();
  await clock.pass(1000);
  for (const { session } of [mine, theirs]) assert.deepEqual(names(session.document).slice(-2).sort(), ["check", "check-2"]);
  assert.deepEqual([...mine.session.selection.steps], ["check-2"]);
  mine.session.undo();
  assert.deepEqual(names(mine.session.document).slice(5), ["check"]);
  assert.deepEqual(mine.session.document.layout?.check, [1, 1]);
  theirs.session.undo();
  assert.deepEqual(names(theirs.session.document).slice(5), ["check-2"]);
  mine.session.redo();
  assert.deepEqual(mine.session.document.layout?.["check-2"], [9, 9]);
});

test("one field changed by both: mine stands, theirs is offered and can be taken, and taken back", async () => {
  const clock = new FakeClock();
  const mine = opened({ clock });
  const theirs = opened({ clock, server: mine.server, actor: "ada" });
  theirs.say("theirs");
  await clock.pass(500);
  mine.say("mine");
  await clock.pass(3000);
  assert.deepEqual([mine.session.saving.state, comment(mine.server.document)], ["conflict", "mine"]);
  const { conflict } = mine.session;
  assert.deepEqual(conflict?.conflicts, [{ where: ["steps", "load", "comment"], step: "load", path: ["comment"], mine: "mine", theirs: "theirs" }]);
  assert.equal(conflict?.actor, "ada");
  mine.session.resolve("theirs", conflict?.conflicts[0]);
  assert.deepEqual([comment(mine.session.document), mine.session.conflict], ["theirs", null]);
  await clock.pass(3000);
  assert.deepEqual([mine.session.saving.state, comment(mine.server.document)], ["saved", "theirs"]);
  mine.session.undo();
  assert.equal(comment(mine.session.document), "mine");
});

test("keeping mine settles all conflicts", async () => {
  const clock = new FakeClock();
  const mine = opened({ clock });
  opened({ clock, server: mine.server }).say("theirs");
  mine.say("mine");
  await clock.pass(5000);
  mine.session.resolve("mine");
  assert.deepEqual([mine.session.saving.state, comment(mine.session.document)], ["saved", "mine"]);
});

test("offline one goes on, is told so, and everything is saved when the network is back", async () => {
  let fault = "lost";
  const { clock, server, say, session, saver } = opened({ weather: () => ({ delay: 20, fault }) });
  say("a");
  await clock.pass(1500);
  assert.deepEqual([session.saving.state, session.saving.edits], ["offline", 1]);
  await assert.rejects(Promise.all([session.saveNow(), clock.pass(100)]), /kept here/);
  say("b");
  await clock.pass(20_000);
  assert.equal(server.revision, 1);
  fault = "";
  saver.online();
  await clock.pass(200);
  assert.deepEqual([session.saving.state, comment(server.document)], ["saved", "b"]);
});

test("it is tried again without being told that the network is back, ever less often", async () => {
  let fault = "lost";
  let tries = 0;
  const { clock, server, say } = opened({ weather: () => ({ delay: (tries += 1, 1), fault }) });
  say("a");
  await clock.pass(60_000);
  assert.ok(tries >= 5 && tries <= 9, `${tries} tries`);
  fault = "";
  await clock.pass(40_000);
  assert.equal(comment(server.document), "a");
});

test("an answer that was lost is no conflict with oneself", async () => {
  let fault = "unanswered";
  const { clock, server, say, session } = opened({ weather: () => ({ delay: 20, fault }) });
  say("first");
  await clock.pass(1100);
  assert.deepEqual([server.revision, session.saving.state], [2, "offline"]);
  say("second");
  fault = "";
  await clock.pass(10_000);
  assert.deepEqual([comment(server.document), session.conflict, session.saving.state], ["second", null, "saved"]);
});

test("nor is it when somebody has saved upon it", async () => {
  let fault = "unanswered";
  const mine = opened({ weather: () => ({ delay: 20, fault }) });
  mine.say("first");
  await mine.clock.pass(1100);
  const theirs = opened({ clock: mine.clock, server: mine.server, actor: "ada" });
  theirs.say("theirs", "clean");
  mine.say("second");
  fault = "";
  await mine.clock.pass(10_000);
  assert.deepEqual([comment(mine.server.document), comment(mine.server.document, "clean"), mine.session.conflict], ["second", "theirs", null]);
});

test("what the server does not take is told, not tried again and again, and tried when it has changed", async () => {
  const { clock, server, say, session, saver } = opened();
  const put = saver.server.put;
  saver.server.put = async () => ({ kind: "failed", failure: "document", reason: "4,000,001 bytes are more than the cap." });
  say("too large");
  await clock.pass(20_000);
  assert.deepEqual([session.saving.state, session.saving.reason, server.puts], ["unsaved", "4,000,001 bytes are more than the cap.", 0]);
  saver.server.put = put;
  await clock.pass(20_000);
  assert.equal(server.puts, 0);
  say("small");
  await clock.pass(2000);
  assert.deepEqual([session.saving.state, session.saving.reason, comment(server.document)], ["saved", "", "small"]);
});

test("a reload goes on where it was: edits, undo, conflicts", async () => {
  const first = opened({ weather: () => ({ delay: 20, fault: "lost" }) });
  first.say("kept");
  await first.clock.pass(1500);
  const again = opened({ clock: first.clock, server: first.server, visit: kept(first.saver) });
  assert.deepEqual([comment(again.session.document), again.session.undoLabel], ["kept", "Say"]);
  assert.equal(again.session.recovered?.edits, 1);
  await again.clock.pass(2000);
  assert.equal(comment(first.server.document), "kept");
  again.session.undo();
  assert.equal(comment(again.session.document), undefined);
});

test("a reload merges with what was saved meanwhile", async () => {
  const first = opened({ weather: () => ({ delay: 20, fault: "lost" }) });
  first.say("mine");
  first.say("also mine", "clean");
  await first.clock.pass(1500);
  const other = opened({ clock: first.clock, server: first.server, actor: "ada" });
  other.say("theirs");
  other.say("new", "compare");
  await first.clock.pass(3000);
  const again = opened({ clock: first.clock, server: first.server, visit: kept(first.saver) });
  assert.deepEqual(["load", "clean", "compare"].map((name) => comment(again.session.document, name)), ["mine", "also mine", "new"]);
  assert.deepEqual(again.session.conflict?.conflicts.map(({ theirs }) => theirs), ["theirs"]);
  while (again.session.canUndo) again.session.undo();
  assert.deepEqual(["load", "clean", "compare"].map((name) => comment(again.session.document, name)), [undefined, undefined, "new"]);
  again.session.resolve("theirs");
  assert.equal(comment(again.session.document), "theirs");
});

test("after a reload, too, an answer that was lost is no conflict with oneself", async () => {
  const first = opened({ weather: () => ({ delay: 20, fault: "unanswered" }) });
  first.say("first");
  await first.clock.pass(1100);
  first.say("second");
  const again = opened({ clock: first.clock, server: first.server, visit: kept(first.saver) });
  await again.clock.pass(3000);
  assert.deepEqual([comment(first.server.document), again.session.conflict, again.session.saving.state], ["second", null, "saved"]);
});

test("what another visit had not saved is taken up as one deed", async () => {
  const lost = opened({ weather: () => ({ delay: 20, fault: "lost" }) });
  lost.say("from the other tab");
  await lost.clock.pass(1500);
  const visit = kept(lost.saver);
  const mine = opened({ clock: lost.clock, server: lost.server });
  mine.say("mine", "clean");
  takeUp(mine.saver, visit);
  assert.deepEqual([comment(mine.session.document), mine.session.undoLabel], ["from the other tab", "Take up edits of an earlier visit"]);
  assert.equal(mine.session.recovered?.edits, 1);
  mine.session.undo();
  assert.deepEqual([comment(mine.session.document), comment(mine.session.document, "clean")], [undefined, "mine"]);
  mine.say("also here");
  takeUp(mine.saver, visit);
  assert.deepEqual(mine.session.conflict?.conflicts.map((one) => one.theirs), ["from the other tab"]);
});
