/**
 * Pages that follow what happens: on a poke the page fetches itself and changes what differs.
 *
 *   <section id="rows" data-live="lines project:0190…">   regions, each with an id and its topics
 *
 * Scroll, focus, open <details> and what is being typed stay: see morph.js.
 */
import { live } from "../live.js";
import { Watched, namedIn } from "../watched.js";
import { morph } from "./morph.js";

// A burst of pokes is one fetch, and a page that changes all the time is fetched once a second.
const GATHERS_MS = 150;
const RESTS_MS = 1000;

/** @returns {HTMLElement[]} */
function regions() {
  return [...document.querySelectorAll("[data-live][id]")].filter(
    (region) => region instanceof HTMLElement,
  );
}

async function refresh() {
  const response = await fetch(location.href, { headers: { "X-Fragment": "live" } });
  // What is shown stays; the next poke or the next look at the page tries again.
  if (response.status >= 500) throw new Error(`The server answered ${response.status}.`);
  if (!response.ok || response.redirected) {
    // Signed out or gone: the full page says it best.
    location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const region of regions()) {
    const next = fresh.getElementById(region.id);
    if (next) morph(region, next);
  }
  document.dispatchEvent(new Event("page-refreshed"));
}

export function startLivePage() {
  if (!regions().length) return;
  let timer = 0;
  let lastAt = -Infinity;
  let waiting = false;
  // A refreshed page may name other topics.
  const listen = () => watched.only(namedIn(regions(), "data-live"));
  const later = () => {
    if (document.hidden) {
      waiting = true;
      return;
    }
    if (timer) return;
    const rest = Math.max(GATHERS_MS, lastAt + RESTS_MS - performance.now());
    timer = window.setTimeout(() => {
      timer = 0;
      lastAt = performance.now();
      refresh().then(
        listen,
        () => (waiting = true),
      );
    }, rest);
  };
  const watched = new Watched(later);
  const again = () => {
    if (waiting && !document.hidden) {
      waiting = false;
      later();
    }
  };
  document.addEventListener("visibilitychange", again);
  window.addEventListener("online", again);
  listen();
  showState();
}

/** The badge that says whether this page follows what happens. */
function showState() {
  const badge = document.querySelector("[data-live-badge]");
  if (!(badge instanceof HTMLElement)) return;
  live.onState(({ state, at }) => {
    badge.hidden = false;
    badge.dataset.state = state;
    const words = { live: "Live", reconnecting: "Reconnecting…", "signed out": "Signed out" };
    badge.textContent =
      state === "offline" ? `Offline: showing ${at?.toLocaleTimeString() ?? "an earlier state"}` : words[state];
  });
}
