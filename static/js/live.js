/**
 * The page's one websocket: topics in, pokes and frames of changes out. Reconnects for ever.
 *
 *   live.watch("project:0190…", () => fetchAgain())          stop = live.watch(…); stop()
 *   live.follow("run:0190…", {since: () => 41, frame, resync})
 *   live.onState(({state, at}) => …)                          "live", "reconnecting", "offline", "signed out"
 */

const SIGN_IN_FIRST = 4401;
const PING_MS = 10_000;
const PONG_MS = 5_000;
const OPENING_MS = 5_000;
const SHORTEST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * @typedef {import("./run/apply_change.js").Change} Change
 * @typedef {{topic: string, from: number, to: number, changes: Change[]}} Frame
 * @typedef {{since: () => number, frame: (frame: Frame) => void, resync: () => void, gone?: () => void}} Follower
 * @typedef {{topic: string, revision?: number, by?: string}} Poke   the last two: of a draft
 * @typedef {"live" | "reconnecting" | "offline" | "signed out"} State
 */

/**
 * How long to wait before the next try: a twentieth of how long one has been cut off, so that the
 * page is back soon after a short break and gentle after a long one.
 * @param {number} awayMs @param {number} [random] 0 to 1
 */
export function waitBeforeRetry(awayMs, random = Math.random()) {
  const wait = Math.min(Math.max(awayMs / 20, SHORTEST_MS), LONGEST_MS);
  return wait * (0.8 + 0.4 * random);
}

export class Live {
  /** @param {() => WebSocket} open makes a socket */
  constructor(open) {
    this.open = open;
    /** @type {Map<string, Set<(poke?: Poke) => void>>} */
    this.watchers = new Map();
    /** @type {Map<string, Follower>} */
    this.followers = new Map();
    /** @type {Map<string, (others: {name: string}[]) => void>} */
    this.meetings = new Map();
    /** @type {Set<(now: {state: State, at: Date | null}) => void>} */
    this.listeners = new Set();
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {State} */
    this.state = "reconnecting";
    /** @type {Date | null} when the last word of the server came */
    this.heardAt = null;
    this.awaySince = 0;
    this.retrying = 0;
    this.pinging = 0;
    this.deadline = 0;
  }

  /** Calls back whenever the topic is poked, and after every (re)connection. @param {string} topic @param {(poke?: Poke) => void} onPoke */
  watch(topic, onPoke) {
    const found = this.watchers.get(topic);
    const callbacks = found ?? new Set();
    callbacks.add(onPoke);
    this.watchers.set(topic, callbacks);
    if (!found) this.#join([topic]);
    return () => {
      callbacks.delete(onPoke);
      if (callbacks.size || this.watchers.get(topic) !== callbacks) return;
      this.watchers.delete(topic);
      this.#send({ unsubscribe: [topic] });
    };
  }

  /** Gives every frame of a numbered topic to the follower, until the answer is called. @param {string} topic @param {Follower} follower */
  follow(topic, follower) {
    this.followers.set(topic, follower);
    this.#join([topic]);
    return () => {
      if (this.followers.get(topic) !== follower) return;
      this.followers.delete(topic);
      this.#send({ unsubscribe: [topic] });
    };
  }

  /** Tells who else has the topic open; it must be watched too. @param {string} topic @param {(others: {name: string}[]) => void} onOthers */
  meet(topic, onOthers) {
    this.meetings.set(topic, onOthers);
    return () => this.meetings.delete(topic);
  }

  /** @param {(now: {state: State, at: Date | null}) => void} listener */
  onState(listener) {
    this.listeners.add(listener);
    listener({ state: this.state, at: this.heardAt });
  }

  get isUsed() {
    return this.followers.size + this.watchers.size > 0;
  }

  /** Connects at once, whatever the socket seems to be: it may be dead without knowing. */
  reconnectNow() {
    if (this.state === "signed out") return;
    this.#drop();
    this.#connect();
  }

  /** The network is gone: says so and waits for its return. */
  pause() {
    this.#drop();
    this.awaySince ||= Date.now();
    this.#tell("offline");
  }

  /** Asks the server for a sign of life. */
  check() {
    if (this.socket?.readyState !== WebSocket.OPEN) return this.reconnectNow();
    this.#send({ ping: 1 });
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.reconnectNow(), PONG_MS);
  }

  #connect() {
    clearTimeout(this.retrying);
    this.retrying = 0;
    const socket = this.open();
    this.socket = socket;
    this.deadline = setTimeout(() => this.#lost(socket), OPENING_MS);
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => this.socket === socket && this.#hear(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this.#lost(socket, event.code));
  }

  #opened() {
    clearTimeout(this.deadline);
    this.pinging = setInterval(() => this.check(), PING_MS);
    this.#subscribe([...this.followers.keys(), ...this.watchers.keys()]);
  }

  /** @param {any} message */
  #hear(message) {
    this.heardAt = new Date();
    clearTimeout(this.deadline);
    if (message.subscribed) {
      this.awaySince = 0;
      this.#tell("live");
    }
    const follower = this.followers.get(message.topic);
    if (message.error === "not_found") follower?.gone?.();
    else if (message.resync && follower) follower.resync();
    // Pokes were thrown away, and who else is there with them: begin anew.
    else if (message.resync) this.#subscribe([message.topic]);
    else if (message.changes) follower?.frame(message);
    else if (message.others) this.meetings.get(message.topic)?.(message.others);
    else if (message.poke) for (const onPoke of this.watchers.get(message.topic) ?? []) onPoke(message);
  }

  /** @param {WebSocket} socket @param {number} [code] */
  #lost(socket, code = 0) {
    if (this.socket !== socket) return;
    this.#drop();
    if (code === SIGN_IN_FIRST) {
      this.#tell("signed out");
      return;
    }
    this.awaySince ||= Date.now();
    this.#tell(navigator.onLine === false ? "offline" : "reconnecting");
    this.retrying = setTimeout(() => this.#connect(), waitBeforeRetry(Date.now() - this.awaySince));
  }

  #drop() {
    const socket = this.socket;
    this.socket = null;
    clearTimeout(this.retrying);
    this.retrying = 0;
    clearTimeout(this.deadline);
    clearInterval(this.pinging);
    socket?.close();
  }

  /** @param {string[]} topics */
  #join(topics) {
    if (this.socket?.readyState === WebSocket.OPEN) this.#subscribe(topics);
    else if (!this.socket && this.state !== "signed out" && !this.retrying) this.#connect();
  }

  /** @param {string[]} topics */
  #subscribe(topics) {
    const subscribe = topics.map((topic) => {
      const follower = this.followers.get(topic);
      return follower ? { topic, since: follower.since() } : { topic };
    });
    this.#send({ subscribe });
    // Between the page's making and this moment anything may have happened.
    for (const topic of topics) for (const onPoke of this.watchers.get(topic) ?? []) onPoke();
  }

  /** @param {object} message */
  #send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** @param {State} state */
  #tell(state) {
    this.state = state;
    for (const listener of this.listeners) listener({ state, at: this.heardAt });
  }
}

function openSocket() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(`${scheme}//${location.host}/ws/`);
}

/** The page's own; it connects when something is watched. */
export const live = new Live(openSocket);

if (typeof window !== "undefined") {
  window.addEventListener("online", () => live.isUsed && live.reconnectNow());
  window.addEventListener("offline", () => live.pause());
  window.addEventListener("pagehide", () => live.pause());
  window.addEventListener("pageshow", (event) => event.persisted && live.isUsed && live.reconnectNow());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && live.isUsed) live.check();
  });
}
