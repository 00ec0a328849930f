/** Fan-outs in the table: their items stand below them, once somebody has opened them; and how their items stand. */

import { isItem } from "../graph/fans.js";
import { tallyLine } from "../graph/tally.js";
import { STATUSES, statusCode } from "../graph/statuses.js";
import { icon } from "./marks.js";

/** @typedef {import("../graph/model.js").GraphNode} GraphNode */

export class Fans {
  /** @param {GraphNode[]} nodes */
  constructor(nodes) {
    this.nodes = nodes;
    /** @type {Set<number>} the fan-outs whose items are to be seen */
    this.open = new Set();
    /** @type {Map<number, number[]>} */
    this.items = new Map();
    for (const node of nodes) {
      if (!isItem(node)) continue;
      const found = this.items.get(Number(node.of));
      if (found) found.push(node.index);
      else this.items.set(Number(node.of), [node.index]);
    }
  }

  /** Each step, and after an open fan-out its items. @param {number[]} order @returns {number[]} */
  listed(order) {
    if (this.items.size === 0) return order;
    /** @param {number} step @returns {number[]} */
    const withItems = (step) => [step, ...(this.open.has(step) ? (this.items.get(step) ?? []).flatMap(withItems) : [])];
    return order.filter((step) => !isItem(this.nodes[step])).flatMap(withItems);
  }

  /** So that an item can be seen. @param {number} step @returns {boolean} whether something was opened */
  reveal(step) {
    let opened = false;
    for (let { of } = this.nodes[step]; of !== undefined && of !== null; { of } = this.nodes[of]) {
      opened ||= !this.open.has(of);
      this.open.add(of);
    }
    return opened;
  }

  /** The fan-outs that these steps are items of. @param {Iterable<number>} steps @returns {Set<number>} */
  above(steps) {
    const found = new Set();
    for (const step of steps) {
      for (let of = this.nodes[step]?.of; of !== undefined && of !== null; of = this.nodes[of].of) found.add(of);
    }
    return found;
  }

  /** How many steps up one stands. @param {number} step */
  depth(step) {
    return this.above([step]).size;
  }

  /** "27/40 done · 1 failed"; nothing of a step that has no items. @param {number} step @param {(step: number) => string} statusOf */
  line(step, statusOf) {
    const items = this.items.get(step);
    if (!items) return "";
    const counts = new Uint32Array(STATUSES.length);
    for (const item of items) counts[statusCode(statusOf(item))] += 1;
    return tallyLine(counts);
  }

  /** The button that opens and closes a fan-out, in its row. @param {HTMLTableRowElement} row @param {number} step */
  mark(row, step) {
    row.dataset.depth = String(this.depth(step));
    if (!this.items.has(step)) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet button-icon button-small run-fan-toggle";
    button.dataset.fan = String(step);
    button.setAttribute("aria-label", `Items of ${this.nodes[step].name}`);
    button.setAttribute("aria-expanded", String(this.open.has(step)));
    button.append(icon("chevron-right"));
    row.querySelector("[data-cell=name]")?.prepend(button);
  }
}
