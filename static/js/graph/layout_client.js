/**
 * Asks for layouts: small graphs are laid out at once, big ones in the worker; equal structures only once.
 */

import { givenLayout, layoutGraph } from "./layout.js";
import { fingerprint } from "./model.js";

/**
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {import("./model.js").Model} Model
 */

/** Nodes and edges that the page lays out itself: a few milliseconds, less than starting a worker. */
const AT_ONCE = 250;

/** @type {Map<string, Layout>} */
const known = new Map();
const KEPT = 8;

/** @type {Worker | null} */
let worker = null;
let lastNumber = 0;
/** @type {Map<number, {resolve: (layout: Layout) => void, reject: (error: Error) => void}>} */
const waiting = new Map();

/** The layout if it needs no waiting. @param {Model} model @param {Float32Array | null} previous @returns {Layout | null} */
export function layoutNow(model, previous) {
  const found = givenLayout(model) ?? known.get(fingerprint(model));
  if (found) return found;
  if (model.size + model.parents.length > AT_ONCE) return null;
  return kept(model, layoutGraph(model, previous));
}

/** @param {Model} model @param {Float32Array | null} previous @returns {Promise<Layout>} */
export async function layoutInWorker(model, previous) {
  lastNumber += 1;
  const number = lastNumber;
  /** @type {Promise<Layout>} */
  const answer = new Promise((resolve, reject) => waiting.set(number, { resolve, reject }));
  // Names and comments stay here: the layout needs the arrays, and one name when it has to complain.
  const nodes = model.nodes.map(({ index, name }) => ({ index, name, parents: [] }));
  startedWorker().postMessage({ number, model: { ...model, nodes }, previous });
  return kept(model, await answer);
}

function startedWorker() {
  if (worker) return worker;
  worker = new Worker(new URL("./layout.worker.js", import.meta.url), { type: "module", name: "layout" });
  worker.addEventListener("message", (event) => {
    const { number, layout, error } = event.data;
    const asker = waiting.get(number);
    waiting.delete(number);
    if (error) asker?.reject(new Error(error));
    else asker?.resolve(layout);
  });
  worker.addEventListener("error", () => {
    const asked = [...waiting.values()];
    waiting.clear();
    worker = null;
    for (const { reject } of asked) reject(new Error("The layout worker could not be started."));
  });
  return worker;
}

/** @param {Model} model @param {Layout} layout */
function kept(model, layout) {
  known.set(fingerprint(model), layout);
  if (known.size > KEPT) known.delete(/** @type {string} */ (known.keys().next().value));
  return layout;
}
