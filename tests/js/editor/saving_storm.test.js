/**
 * Several people edit one draft over a bad network, and their browsers are killed. Whatever the seed: in the end all see
 * one document, and nothing that anybody did is gone without a word.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { addStep, connect, moveSteps, removeSteps, setStepField } from "../../../static/js/editor/model/commands.js";
import { NotPossible } from "../../../static/js/editor/model/document.js";
import { frozen, SAMPLE, step } from "./documents.js";
import { FakeClock, FakeServer, kept, opened } from "./fake_server.js";
import { Luck } from "./random.js";

/** Somebody at a browser, who can lose it and open the page again. */
class Person {
  /** @param {Storm} storm @param {string} name */
  constructor(storm, name) {
    this.storm = storm;
    this.name = name;
    /** @type {any} what the browser's database holds */
    this.visit = null;
    /** @type {string[]} the marks that this person has made */
    this.marks = [];
    this.open();
  }

  open() {
    const { clock, server } = this.storm;
    const keeper = { keep: (/** @type {any} */ saver) => void (this.visit = saver === this.saver || !this.saver ? kept(saver) : this.visit) };
    this.saver = null;
    const page = opened({ clock, server, actor: this.name, weather: () => this.storm.weather(), visit: this.visit, keeper });
    this.saver = page.saver;
    this.session = page.session;
    this.poke = (/** @type {number | undefined} */ revision) => page.saver.look(revision);
    if (this.session.conflict) this.hear();
    this.session.addEventListener("conflict", () => this.hear());
    server.watchers.add((revision) => this.saver === page.saver && this.storm.luck.next() < 0.8 && this.poke(revision));
  }

  /** The browser is gone, whatever it was doing. */
  kill() {
    this.saver.server = { put: () => new Promise(() => {}), get: () => new Promise(() => {}) };
    this.saver.keeper = null;
    this.saver.cancelWait();
    this.open();
  }

  hear() {
    for (const { mine, theirs, base } of this.session.conflict?.conflicts ?? []) this.storm.told(mine, theirs, base);
  }

  /** @param {(document: any) => any} change */
  does(change) {
    try {
      this.session.perform("Edit", (document) => frozen(change(document)));
    } catch (error) {
      if (!(error instanceof NotPossible)) throw error;
    }
  }
}

class Storm {
  /** @param {number} seed */
  constructor(seed) {
    this.luck = new Luck(seed);
    this.clock = new FakeClock();
    this.server = new FakeServer(this.clock, SAMPLE);
    this.calm = false;
    this.count = 0;
    /** Comments that somebody has seen and overwritten, or was told of. */
    this.known = new Set([undefined]);
    this.people = ["ada", "bob", "eve"].slice(0, 2 + this.luck.number(2)).map((name) => new Person(this, name));
  }

  weather() {
    const fault = this.calm || this.luck.next() < 0.7 ? "" : this.luck.one(["lost", "unanswered", "busy"]);
    return { delay: this.luck.number(400), fault };
  }

  /** @param {any[]} values */
  told(...values) {
    for (const value of values) this.known.add(typeof value === "object" && value ? value.comment : value);
  }

  /** @param {Person} person */
  deed(person) {
    const mark = `${person.name}-${(this.count += 1)}`;
    const marking = this.luck.one([
      (/** @type {any} */ d) => setStepField(d, this.luck.one(["load", "clean"]), ["parameters", mark], mark),
      (/** @type {any} */ d) => addStep(d, { name: mark, template: "x", at: [this.luck.number(99), this.luck.number(99)], after: "load" }),
      // Everybody takes the same name for it, as the palette does.
      (/** @type {any} */ d) => addStep(d, { template: "sample/new", comment: mark, at: [this.luck.number(9999), 0] }),
    ]);
    const rest = this.luck.one([
      (/** @type {any} */ d) => moveSteps(d, ["clean"], 5, 5),
      (/** @type {any} */ d) => connect(d, "load", this.luck.one(["train a", "train b", "compare"])),
      (/** @type {any} */ d) => removeSteps(d, ["train b"]),
    ]);
    const kind = this.luck.number(10);
    if (kind < 5) person.marks.push(mark);
    if (kind < 5) person.does(marking);
    else if (kind < 7) this.comment(person, mark);
    else if (kind < 9) person.does(rest);
    else person.kill();
  }

  /** @param {Person} person @param {string} mark */
  comment(person, mark) {
    this.known.add(step(person.session.document, "compare").comment);
    person.does((d) => setStepField(d, "compare", ["comment"], mark));
  }

  /** What is shown as saved is on the server. @param {Person} person */
  check(person) {
    if (person.session.saving.state !== "saved") return;
    const text = JSON.stringify(this.server.document);
    for (const mark of person.marks) assert.ok(text.includes(`"${mark}"`), `${mark} was shown as saved`);
  }

  async rage() {
    for (let round = 0; round < 40; round += 1) {
      await this.clock.pass(this.luck.number(1500));
      this.deed(this.luck.one(this.people));
      for (const person of this.people) this.check(person);
    }
    this.calm = true;
    for (let round = 0; round < 4; round += 1) {
      await this.clock.pass(40_000);
      for (const person of this.people) person.poke();
    }
    await this.clock.pass(5000);
  }
}

for (let seed = 0; seed < 40; seed += 1) {
  test(`storm ${seed}`, async () => {
    const storm = new Storm(seed);
    await storm.rage();
    const { document, saved } = storm.server;
    const text = JSON.stringify(document);
    for (const { session, saver, marks } of storm.people) {
      assert.equal(saver.state.dirty, false);
      assert.deepEqual(session.document, document);
      for (const mark of marks) assert.ok(text.includes(`"${mark}"`), `${mark} is gone`);
    }
    const last = step(document, "compare").comment;
    for (const earlier of saved.slice(1).map((one) => step(one, "compare").comment)) {
      assert.ok(earlier === last || storm.known.has(earlier), `${earlier} was overwritten without a word`);
    }
  });
}
