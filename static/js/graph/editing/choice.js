/**
 * What is selected, how it is shown, and how clicks and keys change it. The page hears of what people choose.
 */

import { nodesIn } from "../in_view.js";
import { edgesAt } from "../model.js";
import { markSelected } from "./dressing.js";
import { isSame, joined, keptSelection, NOTHING, selectionOf, selectionSentence, toggled } from "./selection.js";

/**
 * @typedef {import("./selection.js").Selection} Selection
 * @typedef {import("./gestures/pressing.js").Thing} Thing
 */

export class Choice {
  /** @param {import("./editing.js").Editing} editing */
  constructor(editing) {
    this.editing = editing;
    /** @type {Selection} */
    this.selection = NOTHING;
  }

  /** Without an event: for the page. @param {Partial<Selection>} selection */
  show(selection) {
    this.selection = selectionOf(selection);
    this.paint();
  }

  /** After a change of what is shown. @param {Int32Array} numbers new ones of the old steps @param {import("./picture.js").Shown} shown */
  renumber(numbers, shown) {
    this.show(keptSelection(this.selection, numbers, shown));
  }

  /** As a person does: with an event. @param {Partial<Selection>} selection */
  choose(selection) {
    const before = this.selection;
    this.show(selection);
    this.tell(before);
  }

  /** @param {Selection} before nothing is told when it is the same */
  tell(before) {
    if (!isSame(before, this.selection)) this.editing.tell("edit-select", { ...this.selection });
  }

  paint() {
    const { scene, picture, movement, overlay, notes } = this.editing;
    const { model, layout } = scene;
    if (!model || !layout) return;
    const nodes = picture.nodesOf(this.selection.steps);
    // What is being moved has its edges drawn by another hand.
    const { lifted } = movement;
    overlay.showSelected(model, layout, {
      chosen: lifted ? [] : picture.edgesOf(this.selection.edges),
      near: lifted ? [] : [...nodes].flatMap((node) => edgesAt(model, node)),
      rings: lifted ? [] : [...nodes],
    });
    overlay.showProblems(layout, lifted ? { errors: [], warnings: [] } : picture.problems());
    for (const [node, card] of scene.cards.cards) markSelected(card, nodes.has(node));
    notes.mark(this.selection.notes);
    scene.request();
  }

  /** @param {number} node */
  has(node) {
    return this.editing.picture.stepsOf(node).every((step) => this.selection.steps.has(step));
  }

  /** @param {import("../camera.js").Box} box @param {Selection} before what stays selected */
  showIn(box, before) {
    const { picture, scene, notes } = this.editing;
    if (!scene.layout) return;
    const steps = nodesIn(scene.layout, box).flatMap((node) => picture.stepsOf(node));
    this.show(joined(before, { steps: new Set(steps), notes: new Set(notes.touching(box)) }));
  }

  /** @param {Thing} thing @param {boolean} adds to the selection, or takes out of it */
  click(thing, adds) {
    const some = this.#selectionAt(thing);
    this.choose(adds ? toggled(this.selection, some) : some);
  }

  /** @param {Thing} thing @returns {Partial<Selection>} */
  #selectionAt(thing) {
    const { picture, groups } = this.editing;
    if (thing.kind === "node") return { steps: new Set(picture.stepsOf(thing.node)) };
    if (thing.kind === "edge") return { edges: new Set(picture.keys[thing.edge]) };
    if (thing.kind === "note") return { notes: new Set([thing.note]) };
    if (thing.kind === "group") return { steps: new Set(groups.stepsOf(thing.name)) };
    return {};
  }

  /** Whether all of it is selected. @param {Thing} thing */
  hasThing(thing) {
    const { steps = [], notes = [] } = this.#selectionAt(thing);
    return [...steps].every((step) => this.selection.steps.has(step)) && [...notes].every((note) => this.selection.notes.has(note));
  }

  /** By keys. @param {number} node @param {boolean} adds */
  toggle(node, adds) {
    const some = { steps: new Set(this.editing.picture.stepsOf(node)) };
    const alone = isSame(this.selection, selectionOf(some));
    if (adds) this.choose(toggled(this.selection, some));
    else this.choose(alone ? NOTHING : some);
    this.editing.say(selectionSentence(this.selection));
  }

  /** Selects one edge of a node after another. @param {number} node @param {1 | -1} direction */
  walkEdges(node, direction) {
    const { picture } = this.editing;
    const { drawn, keys, kinds } = picture;
    const edges = edgesAt(drawn, node);
    if (edges.length === 0) {
      this.editing.say(`${drawn.nodes[node].name} has no edges.`);
      return;
    }
    const at = edges.findIndex((edge) => keys[edge].some((key) => this.selection.edges.has(key)));
    const next = at < 0 ? Math.min(direction, 0) : at + direction;
    const edge = edges[(next + edges.length) % edges.length];
    this.choose({ edges: new Set(keys[edge]) });
    const [from, to] = [drawn.nodes[drawn.parents[edge]].name, drawn.nodes[drawn.childOfEdge[edge]].name];
    this.editing.say(`Edge from ${from} to ${to}, ${kinds[edge] ? "a value travels along it" : "order only"}, selected.`);
  }

  /** @returns {boolean} whether there was anything selected */
  clear() {
    if (isSame(this.selection, NOTHING)) return false;
    this.choose(NOTHING);
    return true;
  }
}
