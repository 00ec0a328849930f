/**
 * The wheel: plain it moves the picture, with Ctrl (which is also how a trackpad's pinch arrives) it zooms about the
 * pointer.
 */

import { panned, zoomedTo } from "../camera.js";

const LINE_PIXELS = 18;

/** @param {HTMLElement} stage @param {import("../scene.js").Scene} scene */
export function listenToWheel(stage, scene) {
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : event.deltaMode ? scene.viewpoint.view.height : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.ctrlKey || event.metaKey) {
      const { left, top } = stage.getBoundingClientRect();
      // A mouse wheel's notch is a hundred pixels, a trackpad's pinch a few: one exponent serves both when it is capped.
      const factor = Math.exp(-Math.max(Math.min(dy, 60), -60) * 0.006);
      scene.viewpoint.look(zoomedTo(scene.viewpoint.camera, scene.viewpoint.camera.scale * factor, event.clientX - left, event.clientY - top));
    } else if (event.shiftKey && dx === 0) {
      scene.viewpoint.look(panned(scene.viewpoint.camera, -dy, 0));
    } else {
      scene.viewpoint.look(panned(scene.viewpoint.camera, -dx, -dy));
    }
  }, { passive: false });
}
