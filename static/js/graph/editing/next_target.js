/** Which of the possible targets an arrow leads to, by where they stand. Pure. */

/**
 * @typedef {import("../layout.js").Layout} Layout
 * @typedef {import("../walk.js").WalkKey} WalkKey
 */

/** How much a step aside counts against a step along the arrow. */
const ASIDE = 2;

/** @param {Layout} layout @param {number[]} targets @param {number} from a node @param {WalkKey} key
 * @returns {number | null} null when nothing is there */
export function nextTarget({ x, y }, targets, from, key) {
  if (targets.length === 0) return null;
  if (key === "Home") return targets[0];
  if (key === "End") return targets[targets.length - 1];
  let best = null;
  let least = Infinity;
  for (const node of targets) {
    const [along, aside] = turned(x[node] - x[from], y[node] - y[from], key);
    if (node === from || along <= 0 || along + ASIDE * aside >= least) continue;
    [best, least] = [node, along + ASIDE * aside];
  }
  return best;
}

/** @param {number} dx @param {number} dy @param {WalkKey} key @returns {[number, number]} along the arrow, and aside of it */
function turned(dx, dy, key) {
  if (key === "ArrowRight") return [dx, Math.abs(dy)];
  if (key === "ArrowLeft") return [-dx, Math.abs(dy)];
  return [key === "ArrowDown" ? dy : -dy, Math.abs(dx)];
}
