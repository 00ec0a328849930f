/**
 * The graph as it is edited, with a document of its own: ?shape=sample|layers&size=60&theme=dark
 * Each event is kept in `window.heard`; moves and edges are carried out as the editor would.
 */

import { Editing } from "../../../static/js/graph/editing/editing.js";
import "../../../static/js/graph/element.js";
import { layeredGraph } from "./graphs.js";

/** @typedef {import("../../../static/js/graph/editing/picture.js").Shown} Shown */

const query = new URLSearchParams(location.search);
const theme = query.get("theme");
if (theme) document.documentElement.dataset.theme = theme;

const graph = /** @type {import("../../../static/js/graph/element.js").PipelineGraph} */ (document.querySelector("pipeline-graph"));
const editing = new Editing(graph);
/** @type {[string, any][]} */
const heard = [];

/** @returns {Shown} */
function sample() {
  const nodes = [
    ["load", "sample/load v3", "task"], ["clean", "sample/clean v2", "task"], ["split", "sample/split v1", "task"],
    ["train shallow", "sample/train v4", "task"], ["train deep", "sample/train v4", "task"],
    ["compare", "sample/compare v1", "task"], ["sign off", "approval", "approval"], ["publish", "shared/publish v2", "pipeline"],
  ].map(([name, subtitle, kind]) => ({ name, subtitle, kind }));
  return {
    nodes: nodes.map((node) => ({
      ...node, problem: node.name === "train deep" ? "error" : node.name === "split" ? "warning" : "", changed: node.name === "clean",
    })),
    edges: [[0, 1, "reference"], [1, 2, "reference"], [2, 3, "reference"], [2, 4, "both"], [3, 5, "reference"], [4, 5, "reference"], [5, 6, "order"], [6, 7, "order"]]
      .map(([parent, child, kind]) => ({ parent: Number(parent), child: Number(child), kind: /** @type {"order"} */ (kind) })),
    positions: [[0, 100], [280, 100], [560, 100], [840, 0], [840, 200], [1120, 100], [1400, 100], [1680, 100]],
    notes: [
      { text: "Ask the data team before you change the split.\n<b>not bold</b>", at: [540, 220], size: [240, 100] },
      { text: "Nightly", at: [0, -60], size: [160, 60], colour: "blue" },
    ],
    groups: [
      { name: "training", colour: "green", collapsed: query.has("collapsed"), steps: [3, 4] },
    ],
  };
}

/** @param {number} size @returns {Shown} */
function layers(size) {
  const { nodes } = layeredGraph(size, 1);
  return {
    nodes: nodes.map(({ name }) => ({ name, subtitle: "sample/work v1", kind: "task" })),
    edges: nodes.flatMap(({ index, parents }) => parents.map((parent, i) => ({ parent, child: index, kind: /** @type {"order" | "reference"} */ (i ? "order" : "reference") }))),
    positions: nodes.map(() => null),
  };
}

let shown = query.get("shape") === "layers" ? layers(Number(query.get("size") ?? 60)) : sample();

/** @type {Record<string, (detail: any) => Shown>} */
const changes = {
  "edit-move": ({ positions, notePositions }) => {
    const [places, notes] = [new Map(positions), new Map(notePositions)];
    return {
      ...shown, positions: shown.positions.map((at, step) => places.get(step) ?? at),
      notes: shown.notes?.map((note, index) => ({ ...note, at: notes.get(index) ?? note.at })),
    };
  },
  "edit-note": ({ note, ...fields }) => ({ ...shown, notes: shown.notes?.map((one, index) => (index === note ? { ...one, ...fields } : one)) }),
  "edit-toggle-group": ({ name }) => (
    { ...shown, groups: shown.groups?.map((group) => (group.name === name ? { ...group, collapsed: !group.collapsed } : group)) }),
  "edit-connect": (edge) => ({ ...shown, edges: [...shown.edges, { ...edge, kind: "order" }] }),
};

const EVENTS = [
  "edit-select", "edit-move", "edit-connect", "edit-reconnect", "edit-drop-edge", "edit-drop", "edit-open", "edit-note",
  "edit-toggle-group", "edit-refused", "edit-add", "edit-menu",
];
for (const type of EVENTS) {
  graph.addEventListener(type, (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    heard.push([type, plain(detail)]);
    if (changes[type]) show(changes[type](detail));
  });
}

/** @param {Record<string, any>} detail sets as lists, so that a test can read them */
const plain = (detail) => Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, value instanceof Set ? [...value] : value]));

/** @param {Shown} next */
function show(next) {
  shown = next;
  editing.show(shown);
}

Object.assign(window, { graph, editing, heard, show, shownNow: () => shown });
show(shown);
