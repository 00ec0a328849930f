/**
 * Frames behind the steps of a group that is open: its title selects and moves them, its button closes it to one card.
 */

import { icon } from "../paint/cards.js";
import { boxOf } from "../in_view.js";
import { around, grown } from "./boxes.js";
import { groupTitle } from "./picture.js";

/**
 * @typedef {import("../camera.js").Box} Box
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("./picture.js").ShownGroup} ShownGroup
 */

const PADDING = 20;
const TITLE_HEIGHT = 34;

class Frame {
  constructor() {
    this.element = document.createElement("div");
    this.element.className = "edit-group";
    this.title = button("edit-group-title");
    this.name = document.createElement("span");
    this.name.className = "edit-group-name";
    this.title.append(this.name);
    this.close = button("edit-group-close");
    this.close.append(icon("icon-minus", "edit-group-icon"));
    this.element.append(this.title, this.close);
    this.at = "";
  }

  /** @param {ShownGroup} group */
  show(group) {
    const { name, colour, each, steps } = group;
    this.element.dataset.group = name;
    this.name.textContent = groupTitle(group);
    const size = steps.length === 1 ? "1 step" : `${steps.length} steps`;
    this.title.setAttribute("aria-label", `Group ${name}, ${size}${each ? ", for each item" : ""}`);
    this.close.setAttribute("aria-label", `Close group ${name}`);
    this.close.title = "Close to one card (c)";
    if (colour) this.element.dataset.colour = colour;
    else delete this.element.dataset.colour;
  }

  /** @param {Box} box */
  stand({ left, top, right, bottom }) {
    const at = [left, top, right, bottom].join();
    if (at === this.at) return;
    this.at = at;
    this.element.style.transform = `translate(${left}px, ${top}px)`;
    this.element.style.width = `${right - left}px`;
    this.element.style.height = `${bottom - top}px`;
  }
}

export class Groups {
  /** @param {import("./editing.js").Editing} editing @param {HTMLElement} layer */
  constructor(editing, layer) {
    this.editing = editing;
    this.layer = layer;
    /** @type {Frame[]} */
    this.frames = [];
    /** @type {ShownGroup[]} those that have a frame */
    this.open = [];
    const isClose = (/** @type {Event} */ { target }) => target instanceof Element && target.closest(".edit-group-close") !== null;
    layer.addEventListener("pointerdown", (event) => { if (isClose(event)) event.stopPropagation(); });
    layer.addEventListener("click", (event) => {
      const name = isClose(event) ? groupAt(event.target) : null;
      if (name !== null) editing.toggleGroup(name);
    });
  }

  /** @param {ShownGroup[]} groups @param {Layout} layout */
  show(groups, layout) {
    const { steps } = this.editing.picture;
    this.open = groups.filter((group) => group.steps.length && !steps.bundleAt(steps.nodeOf(group.steps[0])));
    while (this.frames.length > this.open.length) this.frames.pop()?.element.remove();
    while (this.frames.length < this.open.length) {
      const frame = new Frame();
      this.frames.push(frame);
      this.layer.append(frame.element);
    }
    this.open.forEach((group, index) => this.frames[index].show(group));
    this.stand(layout);
  }

  /** Around their steps, wherever these are now. @param {Layout} layout */
  stand(layout) {
    this.open.forEach((_, index) => this.frames[index].stand(this.boxOf(index, layout)));
  }

  /** @param {number} index of the open ones @param {Layout} layout @returns {Box} */
  boxOf(index, layout) {
    const { steps } = this.editing.picture;
    const members = this.open[index].steps.map((step) => boxOf(layout, steps.nodeOf(step)));
    const box = grown(/** @type {Box} */ (around(members)), PADDING);
    return { ...box, top: box.top - TITLE_HEIGHT };
  }

  /** @param {string} name @returns {number[]} */
  stepsOf(name) {
    return this.open.find((group) => group.name === name)?.steps ?? [];
  }
}

/** The group whose title is under the pointer. @param {EventTarget | null} target @returns {string | null} */
export function groupAt(target) {
  const part = target instanceof Element ? target.closest(".edit-group-title, .edit-group-close") : null;
  return part?.closest("[data-group]")?.getAttribute("data-group") ?? null;
}

/** @param {string} className */
function button(className) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.tabIndex = -1;
  return made;
}
