/** Finding steps: those in a box, and the one under a point. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxOf, nodeAt, nodesIn } from "../../../static/js/graph/in_view.js";
import { layoutGraph } from "../../../static/js/graph/layout.js";
import { CHAIN, DIAMOND, layered } from "./named_graphs.js";

const chain = layoutGraph(CHAIN);

test("a card is hit anywhere inside and nowhere outside", () => {
  const { left, top, right, bottom } = boxOf(chain, 1);
  assert.equal(nodeAt(chain, left + 1, top + 1), 1);
  assert.equal(nodeAt(chain, right - 1, bottom - 1), 1);
  assert.equal(nodeAt(chain, left - 2, top + 1), null);
  assert.equal(nodeAt(chain, left + 1, bottom + 2), null);
});

test("with slack, the nearest of several is hit", () => {
  const layout = layoutGraph(DIAMOND);
  const middle = (layout.y[1] + layout.y[2] + layout.nodeHeight) / 2;
  assert.equal(nodeAt(layout, layout.x[1] + 5, middle - 1, 100), layout.y[1] < layout.y[2] ? 1 : 2);
});

test("the steps in a box are those that touch it, in ascending order", () => {
  const layout = layoutGraph(layered(200));
  const box = { left: 300, top: 100, right: 900, bottom: 400 };
  const expected = [...layout.x.keys()].filter((i) => {
    const card = boxOf(layout, i);
    return card.left <= box.right && card.right >= box.left && card.top <= box.bottom && card.bottom >= box.top;
  });
  assert.deepEqual(nodesIn(layout, box), expected);
  assert.ok(expected.length > 3);
});

test("counting stops one beyond the limit", () => {
  const everywhere = { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 };
  assert.equal(nodesIn(layoutGraph(layered(200)), everywhere, 50).length, 51);
});
