/**
 * Moving what is selected: picked up, carried about with its edges, put down. Only then does the page hear of it.
 */

import { forgetGrid } from "../in_view.js";

/** @typedef {[number, number]} Point */

export class Movement {
  /** @param {import("./editing.js").Editing} editing */
  constructor(editing) {
    this.editing = editing;
    /** @type {Set<number>} */
    this.steps = new Set();
    /** @type {Set<number>} */
    this.nodes = new Set();
    this.dx = 0;
    this.dy = 0;
    this.lifted = false;
  }

  /** What a press holds is selected first, unless it was. @param {import("./gestures/pressing.js").Thing} thing
   * @returns {Point} where it stands */
  hold(thing) {
    const { editing } = this;
    if (thing.kind !== "node") return [0, 0];
    const steps = editing.picture.stepsOf(thing.node);
    if (!steps.every((step) => editing.selection.steps.has(step))) editing.choice.choose({ steps: new Set(steps) });
    const { x, y } = /** @type {import("../layout.js").Layout} */ (editing.scene.layout);
    return [x[thing.node], y[thing.node]];
  }

  lift() {
    const { editing } = this;
    const { picture, scene, edges } = editing;
    this.steps = new Set(editing.selection.steps);
    this.nodes = picture.nodesOf(this.steps);
    [this.dx, this.dy] = [0, 0];
    this.lifted = true;
    if (scene.model) edges.lift(scene.model, this.nodes);
    editing.choice.paint();
    scene.request();
  }

  /** @param {number} dx from where they were picked up @param {number} dy */
  carry(dx, dy) {
    const { picture, scene } = this.editing;
    const { layout } = scene;
    const [moreX, moreY] = [dx - this.dx, dy - this.dy];
    if (!layout || (!moreX && !moreY)) return;
    [this.dx, this.dy] = [dx, dy];
    picture.move(this.steps, moreX, moreY);
    for (const node of this.nodes) {
      layout.x[node] += moreX;
      layout.y[node] += moreY;
    }
    forgetGrid(layout);
    if (!scene.boxes.bitmap.canvas.hidden) scene.boxes.bitmap.forget();
    scene.request();
  }

  drop() {
    const { editing } = this;
    const { scene, edges } = editing;
    this.lifted = false;
    if (scene.model && scene.layout) edges.setDown(scene.model, scene.layout);
    editing.choice.paint();
    scene.request();
    if (this.dx || this.dy) this.#tell();
  }

  /** By keys: the selection when the current step belongs to it, else that step alone. @param {number} dx @param {number} dy */
  nudge(dx, dy) {
    const { editing } = this;
    const { picture, scene } = editing;
    const current = picture.stepsOf(scene.current);
    if (!current.every((step) => editing.selection.steps.has(step))) editing.choice.choose({ steps: new Set(current) });
    this.lift();
    this.carry(dx, dy);
    this.drop();
    const [x, y] = picture.placeOf(current[0]);
    const many = this.steps.size > 1 ? `${this.steps.size} steps` : picture.model.nodes[current[0]].name;
    editing.say(`${many} moved to ${Math.round(x)}, ${Math.round(y)}.`);
    scene.reveal(scene.current);
  }

  #tell() {
    const { picture, selection } = this.editing;
    const positions = [...this.steps].map((step) => [step, picture.placeOf(step)]);
    this.editing.tell("edit-move", { steps: [...this.steps], notes: [...selection.notes], dx: this.dx, dy: this.dy, positions });
  }
}
