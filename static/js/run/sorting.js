/** Sorting the table of the steps by a column: once up, once down, then as in the graph. */

import { BAR_ORDER } from "./header.js";

/** @typedef {import("./store.js").RunStore} RunStore */
/** @typedef {{by: string, down: boolean}} Order */

/** @type {Record<string, (step: Record<string, any>, name: string) => number | string>} */
const KEYS = {
  name: (_, name) => name.toLowerCase(),
  status: (step) => BAR_ORDER.indexOf(step.status),
  attempt: (step) => step.attempt,
  took: (step) => took(step),
};

/** What did not start comes first. @param {Record<string, any>} step */
function took(step) {
  if (!step.started_at) return -1;
  return (step.ended_at ? Date.parse(step.ended_at) : Date.now()) - Date.parse(step.started_at);
}

/** The order after a press on a column's head. @param {Order | null} order @param {string} by @returns {Order | null} */
export function nextOrder(order, by) {
  if (order?.by !== by) return { by, down: false };
  return order.down ? null : { by, down: true };
}

/** Indexes in an order; equal ones stay as in the graph. @param {RunStore["view"]["steps"]} steps
 * @param {string[]} names @param {Order | null} order @returns {number[]} */
export function sorted(steps, names, order) {
  const indexes = [...names.keys()];
  if (!order) return indexes;
  const key = KEYS[order.by];
  const keys = indexes.map((index) => key(steps[index] ?? {}, names[index]));
  const direction = order.down ? -1 : 1;
  return indexes.sort((a, b) => direction * compare(keys[a], keys[b]) || a - b);
}

/** @param {number | string} a @param {number | string} b */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
