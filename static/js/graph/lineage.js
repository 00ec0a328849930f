/** A step with everything that leads to it and everything that follows from it. Pure. */

import { childrenOf, parentsOf } from "./model.js";

/** @typedef {import("./model.js").Model} Model */

/** One for each step that belongs to the lineage. @param {Model} model @param {number} step @returns {Uint8Array} */
export function lineageOf(model, step) {
  const mask = new Uint8Array(model.size);
  mark(mask, step, (node) => parentsOf(model, node));
  mask[step] = 0;
  mark(mask, step, (node) => childrenOf(model, node));
  return mask;
}

/** @param {Uint8Array} mask @param {number} from @param {(node: number) => Int32Array} next */
function mark(mask, from, next) {
  const open = [from];
  mask[from] = 1;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const other of next(node)) {
      if (mask[other]) continue;
      mask[other] = 1;
      open.push(other);
    }
  }
}
