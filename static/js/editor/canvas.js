/**
 * Between the session and the canvas: shows the document when it has changed, once a frame, and does what people do
 * on the canvas. The canvas speaks of steps by index, the session by name.
 */

import * as edits from "./edits.js";
import { edgeKey, edgeOfKey } from "./model/graph.js";
import { pictureOf, stepsOf } from "./picture.js";
import { selectionOf } from "./session.js";
import { changeNote } from "./model/commands.js";

/** @typedef {import("./editor.js").Editor} Editor */

export class Canvas {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.frame = 0;
    this.fits = true;
    /** @type {{document: any, changed: ReadonlySet<string>} | null} another document that is looked at */
    this.preview = null;
    /** @type {any} where the camera was when the draft was left */
    this.place = null;
    this.first = document.getElementById("editor-first");
    const { session } = editor;
    for (const event of ["document", "problems"]) session.addEventListener(event, () => this.soon());
    session.addEventListener("selection", () => this.select());
    session.addEventListener("reveal", (/** @type {Event} */ event) => this.reveal(/** @type {CustomEvent} */ (event).detail.steps));
    this.#listen();
    this.paint();
  }

  soon() {
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  /** Now, if something waits to be shown: what follows must find the steps on the canvas. */
  flush() {
    if (this.frame) this.paint();
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { session, editing } = this.editor;
    const shown = this.preview?.document ?? session.document;
    const about = this.preview ? { changed: this.preview.changed } : { problems: session.problems };
    editing.show(pictureOf(shown, about), { fit: this.fits });
    this.fits = false;
    if (this.first) this.first.hidden = this.editor.looking || stepsOf(shown).length > 0;
    this.select();
  }

  /** Shows another document, read-only, or the draft again. @param {any} document @param {ReadonlySet<string>} [changed] */
  look(document, changed = new Set()) {
    const { viewpoint } = this.editor.graph.scene;
    if (!this.preview) this.place = { ...viewpoint.target };
    this.preview = document && { document, changed };
    this.fits = document !== null;
    this.paint();
    // Back to the draft is back to where one was in it.
    if (!document && this.place) viewpoint.look(this.place);
  }

  select() {
    const { editor } = this;
    if (this.frame || this.preview) return;
    const { steps, edges, notes } = editor.session.selection;
    editor.editing.select({
      steps: new Set([...steps].map((name) => editor.indexOf(name))),
      edges: new Set([...edges].map((key) => edgeOfKey(key).map((name) => editor.indexOf(name)).join("-"))),
      notes,
    });
  }

  /** @param {Iterable<string>} names */
  reveal(names) {
    this.flush();
    const indexes = [...names].map((name) => this.editor.indexOf(name)).filter((index) => index >= 0);
    if (indexes.length) this.editor.editing.reveal(indexes);
  }

  #listen() {
    const { editor } = this;
    const name = (/** @type {number} */ index) => editor.nameOf(index);
    /** @type {Record<string, (detail: any) => void>} */
    const heard = {
      "edit-select": ({ steps, edges, notes }) => editor.session.select(selectionOf({
        steps: [...steps].map(name), notes,
        edges: [...edges].map((/** @type {string} */ edge) => {
          const [parent, child] = edge.split("-").map(Number);
          return edgeKey(name(parent), name(child));
        }),
      })),
      "edit-move": ({ positions, notePositions, unplaced }) => {
        const named = (/** @type {[number, any][]} */ places) => places.map(([index, at]) => /** @type {[string, any]} */ ([name(index), at]));
        edits.put(editor, named(positions), notePositions, named(unplaced));
      },
      "edit-connect": ({ parent, child }) => void edits.connect(editor, name(parent), name(child)),
      "edit-reconnect": ({ from, to }) => edits.reconnect(editor, [name(from.parent), name(from.child)], [name(to.parent), name(to.child)]),
      "edit-drop-edge": ({ from, forwards, at, clientX, clientY }) =>
        editor.parts.place.open({ at, clientX, clientY, link: { from: name(from), forwards } }),
      "edit-add": ({ at, clientX, clientY }) => editor.parts.place.open({ at, clientX, clientY }),
      "edit-drop": (detail) => editor.parts.drop(detail, detail.edge && { parent: name(detail.edge.parent), child: name(detail.edge.child) }),
      "edit-open": ({ step }) => void editor.goTo(name(step)),
      "edit-menu": (detail) => editor.parts.menu(detail),
      "edit-note": ({ note, ...change }) => editor.perform("Change the note", (document) => changeNote(document, note, change), { coalesce: `note ${note}` }),
      "edit-toggle-group": ({ name: group }) => edits.toggleGroup(editor, group),
      "edit-refused": ({ sentence }) => editor.refuse(sentence),
    };
    for (const [event, hear] of Object.entries(heard)) {
      editor.graph.addEventListener(event, (/** @type {CustomEvent} */ { detail }) => {
        // Where it was done, another document may stand on the canvas.
        if (!this.preview || event === "edit-refused") hear(detail);
      });
    }
  }
}
