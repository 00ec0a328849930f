/**
 * Cards outlive a change of the document: a card goes on showing its step under the step's new number, so that
 * nothing flickers and the keyboard stays where it is.
 */

/**
 * @typedef {import("../scene.js").Scene} Scene
 * @typedef {import("../steps.js").Steps} Steps
 * @typedef {{step: number, group: string | null}} Held  what a node showed: a step, or a closed group
 * @typedef {{cards: Map<import("../paint/cards.js").Card, Held>, current: Held | null, at: [number, number], focused: boolean}} Kept
 */

/** @param {Steps} steps @param {number} node @returns {Held} */
export const heldAt = (steps, node) => ({ step: steps.stepOf(node), group: steps.bundleAt(node)?.key ?? null });

/** @param {Scene} scene @param {Steps} steps @returns {Kept} */
export function keptCards({ cards, current, layout }, steps) {
  const held = (/** @type {number} */ node) => heldAt(steps, node);
  const has = current >= 0 && layout !== null;
  return {
    cards: new Map([...cards.cards].map(([node, card]) => [card, held(node)])),
    current: has ? held(current) : null,
    at: has ? [layout.x[current], layout.y[current]] : [0, 0],
    focused: cards.hasFocus(),
  };
}

/** @param {Scene} scene @param {Steps} steps after the change @param {Kept} kept @param {Int32Array} numbers new ones of the old steps */
export function renumberCards({ cards }, steps, kept, numbers) {
  cards.cards.clear();
  for (const [card, held] of kept.cards) {
    const node = nodeNow(steps, held, numbers);
    if (node >= 0 && !cards.cards.has(node)) cards.cards.set(node, card);
    else {
      card.button.remove();
      cards.spare.push(card);
    }
  }
}

/** The node that shows the same, -1 when nothing does. @param {Steps} steps @param {Held} held @param {Int32Array} numbers */
export function nodeNow(steps, { step, group }, numbers) {
  const now = numbers[step];
  if (group) return steps.folded?.bundles.findIndex((bundle) => bundle?.key === group) ?? -1;
  const node = now >= 0 ? steps.nodeOf(now) : -1;
  return node >= 0 && !steps.bundleAt(node) ? node : -1;
}

/** The node nearest to a place. @param {import("../layout.js").Layout} layout @param {[number, number]} at @returns {number} -1 for none */
export function nearestNode({ x, y }, [left, top]) {
  let best = -1;
  let least = Infinity;
  for (let node = 0; node < x.length; node += 1) {
    const distance = Math.hypot(x[node] - left, y[node] - top);
    if (distance < least) [best, least] = [node, distance];
  }
  return best;
}
