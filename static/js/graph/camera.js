/**
 * Where the view looks: a point on screen is `world * scale + (x, y)`. Pure; every function gives a new camera.
 */

/**
 * @typedef {{x: number, y: number, scale: number}} Camera
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 * @typedef {{width: number, height: number}} Size
 */

export const MIN_SCALE = 0.005;
export const MAX_SCALE = 2.5;

/** @type {Readonly<Camera>} */
export const HOME = Object.freeze({ x: 0, y: 0, scale: 1 });

/** @param {number} value @param {number} low @param {number} high */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** @param {Camera} camera @param {number} dx @param {number} dy @returns {Camera} */
export const panned = (camera, dx, dy) => ({ ...camera, x: camera.x + dx, y: camera.y + dy });

/** The point under (px, py) stays where it is. @param {Camera} camera @param {number} scale
 * @param {number} px @param {number} py @returns {Camera} */
export function zoomedTo(camera, scale, px, py) {
  const next = clamp(scale, MIN_SCALE, MAX_SCALE);
  const ratio = next / camera.scale;
  return { x: px - (px - camera.x) * ratio, y: py - (py - camera.y) * ratio, scale: next };
}

/** @param {Camera} camera @param {number} px @param {number} py @returns {[number, number]} */
export const toWorld = (camera, px, py) => [(px - camera.x) / camera.scale, (py - camera.y) / camera.scale];

/** What of the world is in view. @param {Camera} camera @param {Size} view @returns {Box} */
export function viewBox(camera, view) {
  const [left, top] = toWorld(camera, 0, 0);
  return { left, top, right: left + view.width / camera.scale, bottom: top + view.height / camera.scale };
}

/** The whole box in view and centred, never larger than `largest`. @param {Box} box @param {Size} view
 * @param {{padding?: number, largest?: number}} [options] @returns {Camera} */
export function fitted(box, view, { padding = 24, largest = 1 } = {}) {
  const width = Math.max(box.right - box.left, 1);
  const height = Math.max(box.bottom - box.top, 1);
  const room = Math.min(Math.max(view.width - 2 * padding, 1) / width, Math.max(view.height - 2 * padding, 1) / height);
  const scale = clamp(Math.min(room, largest), MIN_SCALE, MAX_SCALE);
  return {
    x: (view.width - (box.left + box.right) * scale) / 2,
    y: (view.height - (box.top + box.bottom) * scale) / 2,
    scale,
  };
}

/** The smallest move that brings the box into view. @param {Camera} camera @param {Box} box @param {Size} view
 * @param {number} [margin] @returns {Camera} */
export function revealing(camera, box, view, margin = 32) {
  const dx = nudge(box.left * camera.scale + camera.x, box.right * camera.scale + camera.x, view.width, margin);
  const dy = nudge(box.top * camera.scale + camera.y, box.bottom * camera.scale + camera.y, view.height, margin);
  return dx || dy ? panned(camera, dx, dy) : camera;
}

/** @param {number} low @param {number} high @param {number} room @param {number} margin */
function nudge(low, high, room, margin) {
  if (high - low > room - 2 * margin) return room / 2 - (low + high) / 2;
  if (low < margin) return margin - low;
  if (high > room - margin) return room - margin - high;
  return 0;
}

/** Part of the way from one camera to another; scale moves by ratio, so that zooming feels even.
 * @param {Camera} from @param {Camera} to @param {number} part @param {Size} view @returns {Camera} */
export function between(from, to, part, view) {
  const scale = from.scale * (to.scale / from.scale) ** part;
  const [fromX, fromY] = toWorld(from, view.width / 2, view.height / 2);
  const [toX, toY] = toWorld(to, view.width / 2, view.height / 2);
  // The centre moves in step with the scale, else a zoom swings sideways.
  const way = Math.abs(to.scale - from.scale) < 1e-9 ? part : (1 / scale - 1 / from.scale) / (1 / to.scale - 1 / from.scale);
  const x = fromX + (toX - fromX) * way;
  const y = fromY + (toY - fromY) * way;
  return { x: view.width / 2 - x * scale, y: view.height / 2 - y * scale, scale };
}
