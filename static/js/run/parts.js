/**
 * Parts of the page that the server writes: fetched again after what concerns them, put in by morphing. What is no
 * change of the run – how a task is doing, where it waits – a part watches by itself: it names the topics.
 *
 *   <div id="part-script" data-part="script"><section data-watches="task:0190… lines">
 */

import { morph } from "../pages/morph.js";
import { Watched, namedIn } from "../watched.js";

const GATHERS_MS = 120;
const RESTS_MS = 700;

export class Parts {
  /** @param {(part: string) => URLSearchParams} queryOf @param {(part: string) => void} onFresh */
  constructor(queryOf, onFresh) {
    this.queryOf = queryOf;
    this.onFresh = onFresh;
    /** @type {Map<string, {timer: number, busy: boolean, again: boolean, lastAt: number, asked: number}>} */
    this.states = new Map();
    /** @type {Map<string, Watched>} */
    this.watched = new Map();
    document.addEventListener("visibilitychange", () => this.catchUp());
  }

  /** Watches what the page names now. */
  watch() {
    for (const place of document.querySelectorAll("[data-part]")) this.#watch(/** @type {HTMLElement} */ (place));
  }

  /** @param {HTMLElement} place */
  #watch(place) {
    const part = place.dataset.part ?? "";
    const names = namedIn(place.querySelectorAll("[data-watches]"), "data-watches");
    const watched = this.watched.get(part) ?? new Watched(() => this.refresh(part));
    this.watched.set(part, watched);
    watched.only(names);
  }

  /** What could not be asked for is asked for now. */
  catchUp() {
    for (const [part, state] of this.states) if (state.again && !state.busy) this.refresh(part);
  }

  /** Soon: what comes together is one request, and a part is asked for at most every so often. @param {string} part */
  refresh(part) {
    const state = this.#state(part);
    if (document.hidden || state.busy || navigator.onLine === false) {
      state.again = true;
      return;
    }
    if (state.timer) return;
    const wait = Math.max(GATHERS_MS, state.lastAt + RESTS_MS - performance.now());
    state.timer = setTimeout(() => void this.now(part), wait);
  }

  /** At once, for what a person has asked to see. @param {string} part */
  async now(part) {
    const state = this.#state(part);
    clearTimeout(state.timer);
    state.timer = 0;
    state.asked += 1;
    const asked = state.asked;
    state.busy = true;
    state.again = false;
    state.lastAt = performance.now();
    try {
      const html = await fetchPart(this.queryOf(part));
      // Somebody may have selected another step meanwhile.
      if (asked === state.asked) this.#put(part, html);
    } catch {
      // Asked again when the connection is back.
      if (asked === state.asked) state.busy = false;
      state.again = true;
      return;
    }
    if (asked !== state.asked) return;
    state.busy = false;
    if (state.again) this.refresh(part);
  }

  /** @param {string} part @param {string} html */
  #put(part, html) {
    const place = document.getElementById(`part-${part}`);
    if (!place) return;
    const fresh = /** @type {HTMLElement} */ (place.cloneNode(false));
    fresh.append(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    morph(place, fresh);
    this.#watch(place);
    this.onFresh(part);
  }

  /** @param {string} part */
  #state(part) {
    const found = this.states.get(part);
    if (found) return found;
    const made = { timer: 0, busy: false, again: false, lastAt: -Infinity, asked: 0 };
    this.states.set(part, made);
    return made;
  }
}

/** @param {URLSearchParams} query */
async function fetchPart(query) {
  const response = await fetch(`${location.pathname}?${query}`, { headers: { "X-Fragment": "yes" } });
  if (response.redirected) location.reload();
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.text();
}
