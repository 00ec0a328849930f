/** Time that moves when it is told to, and a server that answers late, loses things, and keeps what REST keeps. */

import { setStepField } from "../../../static/js/editor/model/commands.js";
import { resumed } from "../../../static/js/editor/saving/opening.js";
import { frozen, SAMPLE } from "./documents.js";

/** A clock whose waits are called in order of their times. */
export class FakeClock {
  constructor() {
    this.time = 1_000_000;
    /** @type {{at: number, then: () => void, number: number}[]} */
    this.waits = [];
    this.count = 0;
  }

  now() {
    return this.time;
  }

  random() {
    return 0.5;
  }

  /** @param {number} milliseconds @param {() => void} then */
  wait(milliseconds, then) {
    const one = { at: this.time + milliseconds, then, number: (this.count += 1) };
    this.waits.push(one);
    return () => void (this.waits = this.waits.filter((other) => other !== one));
  }

  /** @param {number} milliseconds @returns {Promise<void>} */
  pause(milliseconds) {
    return new Promise((resolve) => this.wait(milliseconds, resolve));
  }

  /** Lets time pass; whatever was waited for meanwhile happens. @param {number} milliseconds */
  async pass(milliseconds) {
    const end = this.time + milliseconds;
    await settled();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.waits = this.waits.filter((one) => one !== next);
      this.time = next.at;
      next.then();
      await settled();
    }
    this.time = end;
  }

  /** @param {number} end */
  #next(end) {
    return this.waits.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at || one.number - other.number)[0];
  }
}

const settled = () => new Promise(setImmediate);

/** One draft, as REST keeps it. */
export class FakeServer {
  /** @param {FakeClock} clock @param {any} document */
  constructor(clock, document) {
    this.clock = clock;
    this.document = document;
    this.revision = 1;
    this.actor = "ada";
    /** Every document that was ever saved, by revision. @type {any[]} */
    this.saved = [null, document];
    /** @type {Set<(revision: number) => void>} who hears of every save */
    this.watchers = new Set();
    this.puts = 0;
    this.gets = 0;
  }

  /** @param {any} document @param {number} revision @param {string} actor */
  save(document, revision, actor) {
    this.puts += 1;
    if (revision !== this.revision) return { kind: "outrun" };
    this.document = structuredClone(document);
    this.revision += 1;
    this.actor = actor;
    this.saved.push(this.document);
    for (const poke of this.watchers) poke(this.revision);
    return { kind: "saved", revision: this.revision };
  }

  /** @param {number} known */
  draft(known) {
    this.gets += 1;
    if (known === this.revision) return { kind: "unchanged" };
    return { kind: "draft", draft: { revision: this.revision, document: structuredClone(this.document), actor: this.actor } };
  }

  /**
   * The way of one client to it. `weather` says for each request how long it takes and what goes wrong on the way.
   * @param {string} actor @param {() => {delay: number, fault: "" | "lost" | "unanswered" | "busy"}} [weather]
   */
  wayOf(actor, weather = () => ({ delay: 20, fault: "" })) {
    const carried = async (/** @type {() => any} */ work) => {
      const { delay, fault } = weather();
      await this.clock.pause(delay);
      if (fault === "busy") return { kind: "failed", failure: "busy", reason: "The server is busy." };
      const answer = fault === "lost" ? null : work();
      await this.clock.pause(delay);
      return fault ? { kind: "failed", failure: "offline", reason: "" } : answer;
    };
    return {
      put: (/** @type {any} */ document, /** @type {number} */ revision) => carried(() => this.save(document, revision, actor)),
      get: (/** @type {number} */ known) => carried(() => this.draft(known)),
    };
  }
}

/**
 * A session that is saved to a fake server.
 * @param {{server?: FakeServer, clock?: FakeClock, actor?: string, weather?: any, visit?: any, keeper?: any}} [options]
 */
export function opened({ clock = new FakeClock(), server = new FakeServer(clock, SAMPLE), actor = "me", weather, visit, keeper } = {}) {
  const draft = { revision: server.revision, document: frozen(structuredClone(server.document)), actor: server.actor };
  const around = { server: /** @type {any} */ (server.wayOf(actor, weather)), clock, keeper };
  const saver = resumed(visit ? [visit] : [], { draft, pipeline: { id: "p" }, schema: {} }, around);
  saver.take(draft);
  saver.start();
  /** @type {string[]} */
  const told = [];
  saver.session.addEventListener("saving", () => told.push(saver.session.saving.state));
  const say = (/** @type {string} */ comment, name = "load") =>
    saver.session.perform("Say", (document) => frozen(setStepField(document, name, ["comment"], comment)));
  return { clock, server, saver, session: saver.session, told, say };
}

/** What would be in the browser's database. @param {any} saver */
export function kept({ state, session, savedThrough }) {
  const { base, mine, revision, sending } = state;
  const doubtful = sending ? [sending, ...state.doubtful] : state.doubtful;
  return structuredClone({ tab: "t", revision, base, mine, doubtful, conflict: session.conflict, history: session.history.toKeep(mine), savedThrough, at: 5 });
}
