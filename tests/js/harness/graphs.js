/**
 * Graphs to look at and to measure with: one small pipeline in an interesting state, and layered ones of any size.
 */

/**
 * @typedef {import("../../../static/js/graph/model.js").GraphData} GraphData
 * @typedef {import("../../../static/js/graph/states.js").Snapshot} Snapshot
 */

/** @param {number} seed @returns {() => number} 0 up to 1, the same row of numbers for the same seed */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param {[name: string, parents: number[]][]} steps @returns {GraphData} */
export const graphOf = (steps) => ({
  revision: 0,
  nodes: steps.map(([name, parents], index) => ({ index, name, kind: "task", parents })),
  layout: null,
});

/** Local edges between neighbouring layers, now and then a second parent. @param {number} size @param {number} seed */
export function layeredGraph(size, seed) {
  const random = randomNumbers(seed);
  const breadth = Math.max(3, Math.round(Math.sqrt(size) / 1.5));
  /** @type {[string, number[]][]} */
  const steps = [];
  for (let i = 0; i < size; i += 1) {
    const parents = new Set();
    for (let k = random() < 0.3 ? 2 : 1; k > 0 && i >= breadth; k -= 1) {
      parents.add(Math.min(i - 1, Math.max(0, Math.floor(i - breadth + (random() - 0.5) * breadth * 0.6))));
    }
    steps.push([`step ${i}`, [...parents]]);
  }
  return graphOf(steps);
}

/** Load, so many of the same, and what joins them. @param {number} size @returns {GraphData} */
export function fanGraph(size) {
  const data = graphOf([["load", []]]);
  for (let i = 1; i <= size; i += 1) data.nodes.push({ index: i, name: `fit ${i}`, template: "sample/fit", parents: [0] });
  const items = data.nodes.slice(1).map(({ index }) => index);
  data.nodes.push({ index: size + 1, name: "join", template: "sample/join", parents: items });
  return data;
}

/** @param {number} size @returns {Snapshot} */
export function snapshotOf(size) {
  const random = randomNumbers(7);
  let statuses = "";
  for (let i = 0; i < size; i += 1) {
    const part = i / size;
    statuses += part < 0.5 ? (random() < 0.04 ? "f" : random() < 0.1 ? "h" : "c") : part < 0.62 ? "rrrq"[Math.floor(random() * 4)] : "p";
  }
  const started = Array.from(statuses, (s) => ("rcfh".includes(s) ? new Date(Date.now() - 95_000).toISOString() : null));
  const ended = Array.from(statuses, (s) => ("cfh".includes(s) ? new Date(Date.now() - 60_000 * random()).toISOString() : null));
  return { statuses, started, ended, attempts: Array.from(statuses, () => 1) };
}

/** @returns {[GraphData, Snapshot]} */
export function sampleGraph() {
  const data = graphOf([
    ["load", []], ["clean", [0]], ["split", [1]],
    ["train shallow", [2]], ["train deep", [2]], ["train forest", [2]], ["baseline", [1]],
    ["compare", [3, 4, 5, 6]], ["report", [7, 1]], ["publish", [8]],
  ]);
  const ago = (/** @type {number} */ seconds) => new Date(Date.now() - seconds * 1000).toISOString();
  const snapshot = {
    statuses: "chcrfqxpps", stale: "0010000000", attempts: [1, 1, 1, 1, 2, 1, 2, 0, 0, 0],
    started: [ago(60), ago(57), ago(56), ago(42), ago(41), null, ago(40), null, null, null],
    ended: [ago(57), ago(56), ago(42), null, ago(20), null, ago(12), null, null, null],
    progress: { 3: 0.62 },
    reasons: { 4: "exit code 1: MemoryError", 6: "agent lost", 9: "not on the main branch" },
  };
  return [data, snapshot];
}
