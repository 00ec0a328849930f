/**
 * Moving what is selected, steps and notes: picked up, carried about with its edges, put down. Only then does the
 * page hear of it.
 */

import { forgetGrid } from "../in_view.js";
import { shifted } from "./boxes.js";

/**
 * @typedef {[number, number]} Point
 * @typedef {import("./gestures/pressing.js").Thing} Thing
 */

export class Movement {
  /** @param {import("./editing.js").Editing} editing */
  constructor(editing) {
    this.editing = editing;
    /** @type {Set<number>} */
    this.steps = new Set();
    /** @type {Set<number>} */
    this.nodes = new Set();
    /** @type {Set<number>} */
    this.notes = new Set();
    this.dx = 0;
    this.dy = 0;
    this.lifted = false;
  }

  /** What a press holds is selected first, unless it was. @param {Thing} thing @returns {Point} where it stands */
  hold(thing) {
    const { choice, scene, notes, picture, groups } = this.editing;
    if (!choice.hasThing(thing)) choice.click(thing, false);
    const { x, y } = /** @type {import("../layout.js").Layout} */ (scene.layout);
    if (thing.kind === "node") return [x[thing.node], y[thing.node]];
    if (thing.kind === "group") return picture.placeOf(groups.stepsOf(thing.name)[0]);
    if (thing.kind !== "note") return [0, 0];
    const { left, top } = notes.boxOf(thing.note);
    return [left, top];
  }

  lift() {
    const { selection } = this.editing;
    this.steps = new Set(selection.steps);
    this.notes = new Set(selection.notes);
    [this.dx, this.dy] = [0, 0];
    this.lifted = true;
    this.#takeOff();
  }

  #takeOff() {
    const { picture, scene, carried, choice } = this.editing;
    this.nodes = picture.nodesOf(this.steps);
    carried.lift(this.nodes);
    choice.paint();
    scene.request();
  }

  /** @param {number} dx from where they were picked up @param {number} dy */
  carry(dx, dy) {
    const { picture, scene, groups, notes } = this.editing;
    const { layout } = scene;
    const [moreX, moreY] = [dx - this.dx, dy - this.dy];
    if (!layout || (!moreX && !moreY)) return;
    [this.dx, this.dy] = [dx, dy];
    picture.move(this.steps, moreX, moreY);
    for (const node of this.nodes) {
      layout.x[node] += moreX;
      layout.y[node] += moreY;
    }
    for (const note of this.notes) notes.stand(note, shifted(notes.boxOf(note), dx, dy));
    forgetGrid(layout);
    groups.stand(layout);
    scene.request();
  }

  drop() {
    const { scene, carried, choice, notes } = this.editing;
    this.lifted = false;
    carried.drop();
    choice.paint();
    scene.request();
    if (!this.dx && !this.dy) return;
    notes.move(this.notes, this.dx, this.dy);
    this.#tell();
  }

  /** The page shows something else while things are in the air: they stay there. @param {Int32Array} numbers new ones of the old steps */
  goOn(numbers) {
    if (!this.lifted) return;
    const [dx, dy] = [this.dx, this.dy];
    [this.dx, this.dy] = [0, 0];
    this.steps = new Set([...this.steps].map((step) => numbers[step]).filter((step) => step >= 0));
    this.notes = new Set([...this.notes].filter((note) => note < this.editing.notes.shown.length));
    this.#takeOff();
    this.carry(dx, dy);
  }

  /** By keys: the selection when this belongs to it, else this alone. @param {Thing} thing @param {number} dx @param {number} dy */
  nudge(thing, dx, dy) {
    const { editing } = this;
    const [x, y] = this.hold(thing);
    this.lift();
    this.carry(dx, dy);
    this.drop();
    editing.say(`${this.#words()} moved to ${Math.round(x + dx)}, ${Math.round(y + dy)}.`);
    if (thing.kind === "node") editing.scene.reveal(thing.node);
  }

  #words() {
    const { steps, notes } = this;
    const { nodes } = this.editing.picture.model;
    const parts = [];
    if (steps.size) parts.push(steps.size === 1 ? nodes[[...steps][0]].name : `${steps.size} steps`);
    if (notes.size) parts.push(notes.size === 1 ? "Note" : `${notes.size} notes`);
    return parts.join(" and ");
  }

  #tell() {
    const { picture, notes } = this.editing;
    const { dx, dy } = this;
    this.editing.tell("edit-move", {
      steps: [...this.steps], notes: [...this.notes], dx, dy,
      positions: [...this.steps].map((step) => [step, picture.placeOf(step)]),
      // Once one step is placed by hand the others should stay where they are seen.
      unplaced: picture.unplaced().filter(([step]) => !this.steps.has(step)),
      notePositions: [...this.notes].map((note) => [note, [notes.boxOf(note).left, notes.boxOf(note).top]]),
    });
  }
}
