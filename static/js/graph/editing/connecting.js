/**
 * Making an edge from its beginning to its end, whoever leads it: a drag from a port, a press on a port and then on a
 * step, or keys.
 */

import { Connection } from "./connection.js";
import { edgeKey } from "./selection.js";

export class ConnectingSteps {
  /** @param {import("./editing.js").Editing} editing */
  constructor(editing) {
    this.editing = editing;
    /** @type {Connection | null} the one that is being made */
    this.current = null;
    /** @type {number | null} the node that it would end at */
    this.target = null;
  }

  /** By keys or by a press without a drag: it aims at a step at once. @param {number} node @param {boolean} forwards */
  start(node, forwards) {
    const { steps, model } = this.editing.picture;
    const group = steps.bundleAt(node);
    if (group) {
      this.editing.refuse(`${group.name} is a closed group: open it to connect one of its steps.`);
      return;
    }
    const connection = this.begin({ step: steps.stepOf(node), forwards });
    if (connection.aimFirst()) return;
    this.end();
    this.editing.refuse(`There is no step that could come ${forwards ? "after" : "before"} ${model.nodes[connection.step].name}.`);
  }

  /** @param {import("./connection.js").Beginning} beginning */
  begin(beginning) {
    const { scene, carried, picture } = this.editing;
    this.end();
    this.current = new Connection(this.editing, beginning);
    // While one of its ends is in the air, the edge that was is not there.
    if (beginning.replaces) carried.edges.hide(picture.edgesOf(new Set([edgeKey(beginning.replaces.parent, beginning.replaces.child)])));
    scene.request();
    return this.current;
  }

  /** How an edge begins of which one end is taken away; null, and a sentence, when that may not be. @param {number} edge a drawn one
   * @param {"parent" | "child"} end @returns {import("./connection.js").Beginning | null} */
  beginningAt(edge, end) {
    const { picture } = this.editing;
    const replaces = picture.edgeOf(edge);
    const { nodes } = picture.model;
    if (picture.keys[edge].length > 1) return null;
    if (!picture.canTake(edge)) {
      const [parent, child] = [nodes[replaces.parent].name, nodes[replaces.child].name];
      this.editing.refuse(`A value of ${parent} travels along this edge: change the parameter of ${child} that refers to it.`);
      return null;
    }
    return end === "child" ? { step: replaces.parent, forwards: true, replaces } : { step: replaces.child, forwards: false, replaces };
  }

  /** The page shows something else meanwhile. @param {Int32Array} numbers new ones of the old steps */
  goOn(numbers) {
    const { current } = this;
    if (!current) return;
    const [step, aimed] = [numbers[current.step], current.node];
    this.target = null;
    this.end();
    if (step < 0 || this.editing.picture.steps.bundleAt(this.editing.picture.steps.nodeOf(step))) return;
    const replaces = current.replaces && { parent: numbers[current.replaces.parent], child: numbers[current.replaces.child] };
    const again = this.begin({ step, forwards: current.forwards, replaces });
    const node = aimed === null ? null : this.editing.picture.steps.nodeOf(numbers[current.aimedStep]);
    again.aim(node, current.at);
  }

  /** @returns {boolean} whether one was being made */
  end() {
    const { current } = this;
    current?.end();
    this.current = null;
    if (current?.replaces) this.editing.carried.edges.hide([]);
    return current !== null;
  }

  cancel() {
    const ended = this.end();
    if (ended) this.editing.say("No edge was made.");
    return ended;
  }

  /** @param {number | null} node what it ends at */
  finish(node) {
    const { current } = this;
    this.end();
    if (!current || node === null || node === current.origin) return;
    if (!current.isPossible(node)) {
      this.editing.refuse(current.sentenceFor(node));
      return;
    }
    const edge = current.edgeTo(node);
    const { replaces } = current;
    if (replaces && replaces.parent === edge.parent && replaces.child === edge.child) return;
    const { nodes } = this.editing.picture.model;
    this.editing.say(`${nodes[edge.parent].name} connected to ${nodes[edge.child].name}.`);
    if (replaces) this.editing.tell("edit-reconnect", { from: replaces, to: edge });
    else this.editing.tell("edit-connect", edge);
  }

  /** Over the empty canvas. @param {import("../gestures/gestures.js").Point} point */
  drop(point) {
    const { current } = this;
    if (current?.replaces) this.cancel();
    this.end();
    if (!current || current.replaces) return;
    this.editing.tell("edit-drop-edge", { from: current.step, forwards: current.forwards, ...this.editing.pointing.place(point) });
  }

  /** @param {number | null} node */
  markTarget(node) {
    const { cards } = this.editing.scene.cards;
    if (this.target !== null) cards.get(this.target)?.button.removeAttribute("data-target");
    this.target = node;
    if (node !== null) cards.get(node)?.button.setAttribute("data-target", "");
  }
}
