/**
 * A run on the editor's canvas: its steps' states as they change, and a bar that leads to its page and back to
 * editing. The draft and the place on the canvas stay as they were.
 */

import { live } from "../../live.js";
import { graphStates } from "../../run/snapshot.js";
import { RunStore } from "../../run/store.js";
import { ask } from "../api.js";
import { stepsByName } from "../model/document.js";
import { paintRunBar } from "./run_bar.js";

/** @typedef {import("../editor.js").Editor} Editor */

export class LiveRun {
  /** @param {Editor} editor @param {any} run as REST tells of it */
  static async show(editor, run) {
    editor.parts.run?.leave();
    const base = `/api/v1/runs/${run.id}/`;
    const [graph, snapshot] = await Promise.all([ask(`${base}graph/`), ask(`${base}snapshot/`)]);
    const shown = new LiveRun(editor, run, { snapshot, base });
    editor.parts.run = shown;
    editor.preview(documentOf(editor, run, graph), new Set());
    shown.paint();
  }

  /** @param {Editor} editor @param {any} run @param {{snapshot: any, base: string}} fetched */
  constructor(editor, run, { snapshot, base }) {
    this.editor = editor;
    this.run = run;
    this.store = new RunStore(snapshot, { fetchSnapshot: () => ask(`${base}snapshot/`), onNews: () => this.soon() });
    this.frame = 0;
    this.unfollow = live.follow(`run:${run.id}`, {
      since: () => this.store.number,
      frame: (frame) => this.store.receive(frame),
      resync: () => void this.store.resync(),
    });
    editor.announce(`Run ${run.number} is on the canvas.`);
  }

  soon() {
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    if (this.editor.parts.run !== this) return;
    this.editor.graph.setStates(graphStates(this.store.view));
    paintRunBar(this);
  }

  /** Back to editing, where one was. */
  leave() {
    this.unfollow();
    cancelAnimationFrame(this.frame);
    this.editor.parts.run = null;
    this.editor.graph.setStates(null);
    this.editor.preview(null);
    paintRunBar(null);
    this.editor.announce("Back to editing.");
  }
}

/** The run's steps where the draft has them; a run of a part has fewer. @param {Editor} editor @param {any} run @param {any} graph */
function documentOf(editor, run, graph) {
  // The draft's own steps tell which edges come from references; a version's may be others.
  const known = run.version === null ? stepsByName(editor.session.document) : new Map();
  const names = graph.nodes.map((/** @type {any} */ node) => node.name);
  /** @type {Record<string, any>} */
  const layout = {};
  for (const name of names) {
    const at = graph.layout?.[name] ?? (editor.indexOf(name) < 0 ? null : editor.placeOf(name));
    if (at) layout[name] = at;
  }
  return {
    schema: 1, layout, groups: editor.session.document.groups,
    steps: graph.nodes.map((/** @type {any} */ node) => known.get(node.name) ?? ({
      name: node.name, kind: node.kind, template: node.template, version: node.version, group: node.group ?? undefined,
      parents: node.parents.map((/** @type {number} */ parent) => names[parent]),
    })),
  };
}
