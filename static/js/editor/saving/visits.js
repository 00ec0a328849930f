/**
 * Which tab this is, and which others are still open. Each tab holds a lock of its name for as long as it lives, however
 * it ends; so a visit whose lock is free was left, and what it had not saved can be taken up.
 */

const KEY = "pipelines-editor-tab";
const RELOAD_MS = 1000;
const ALIVE_MS = 60_000;

/** The name of this tab, the same after a reload. @param {string} draft @returns {Promise<string>} */
export async function ownTab(draft) {
  const known = sessionStorage.getItem(KEY);
  // A tab that was duplicated has the name of the one that it came from.
  if (known && (await held(draft, known, RELOAD_MS))) return known;
  const tab = randomName();
  sessionStorage.setItem(KEY, tab);
  await held(draft, tab, 0);
  return tab;
}

/**
 * Those of the visits whose tab is gone.
 * @template {{tab: string, at: number}} V @param {string} draft @param {readonly V[]} visits @param {string} own
 * @returns {Promise<V[]>}
 */
export async function leftOf(draft, visits, own) {
  const left = await Promise.all(visits.map((visit) => visit.tab === own || isLeft(draft, visit)));
  return visits.filter((_, place) => left[place]);
}

/** @param {string} draft @param {{tab: string, at: number}} visit */
async function isLeft(draft, { tab, at }) {
  return navigator.locks ? held(draft, tab, 0) : Date.now() - at > ALIVE_MS;
}

/**
 * Takes the lock of a tab and keeps it; where there are no locks, it is always free.
 * @param {string} draft @param {string} tab @param {number} patience how long its last holder may take to end @returns {Promise<boolean>}
 */
function held(draft, tab, patience) {
  if (!navigator.locks) return Promise.resolve(true);
  const options = patience ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
  return new Promise((resolve) => {
    const holding = navigator.locks.request(`${KEY}/${draft}/${tab}`, options, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise(() => {}) : undefined;
    });
    holding.catch(() => resolve(false));
  });
}

function randomName() {
  const numbers = crypto.getRandomValues(new Uint32Array(3));
  return Array.from(numbers, (number) => number.toString(36)).join("");
}
