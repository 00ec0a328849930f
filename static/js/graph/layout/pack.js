/**
 * Last step of the layout: where each component goes. Side by side while that keeps the picture about as wide as a
 * screen, else one below another; a hundred loose steps become a block, not a pole.
 */

const SCREEN_RATIO = 1.6;

/** @param {{width: number, height: number}[]} pieces @param {number} gap @returns {[number, number][]} left and top of each */
export function packed(pieces, gap) {
  const area = pieces.reduce((sum, piece) => sum + (piece.width + gap) * (piece.height + gap), 0);
  const widest = pieces.reduce((most, piece) => Math.max(most, piece.width), 0);
  const room = Math.max(widest, Math.sqrt(area * SCREEN_RATIO));
  let [left, top, shelf] = [0, 0, 0];
  return pieces.map((piece) => {
    if (left > 0 && left + piece.width > room) {
      top += shelf + gap;
      [left, shelf] = [0, 0];
    }
    /** @type {[number, number]} */
    const origin = [left, top];
    left += piece.width + gap;
    shelf = Math.max(shelf, piece.height);
    return origin;
  });
}
