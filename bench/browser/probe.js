// Put into the page before its own scripts: notes when frames of changes come and when they have been painted.

(() => {
  const probe = { painted: [], frames: 0, longest: 0, firstPaint: 0 };
  window.probe = probe;
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const told = typeof data === "string" ? JSON.parse(data) : {};
        if (!told.changes?.length) return;
        const oldest = Math.min(...told.changes.map(({ at }) => Date.parse(at)));
        // The page paints in the next frame; the frame after it begins when that one is on its way to the screen.
        requestAnimationFrame(() => requestAnimationFrame(() => probe.painted.push(Date.now() - oldest)));
      });
    }
  };
  let last = 0;
  const look = (now) => {
    probe.frames += 1;
    if (last) probe.longest = Math.max(probe.longest, now - last);
    last = now;
    if (!probe.firstPaint && document.querySelector("pipeline-graph")?.debug?.frame > 0) {
      const [page] = performance.getEntriesByType("navigation");
      probe.firstPaint = performance.now();
      probe.firstPaintAfterPage = performance.now() - page.responseEnd;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  /** Pans the chart back and forth with a wheel, once a frame. */
  window.panFor = (milliseconds) => new Promise((done) => {
    const chart = document.querySelector("pipeline-graph");
    const { left, top, width, height } = chart.getBoundingClientRect();
    const at = { clientX: left + width / 2, clientY: top + height / 2 };
    const inside = (chart.shadowRoot ?? document).elementFromPoint(at.clientX, at.clientY) ?? chart;
    const end = performance.now() + milliseconds;
    const step = (now) => {
      const way = Math.sin(now / 300) * 25;
      inside.dispatchEvent(new WheelEvent("wheel", {
        ...at, deltaX: way, deltaY: way / 2, bubbles: true, composed: true, cancelable: true,
      }));
      if (performance.now() < end) requestAnimationFrame(step);
      else done(true);
    };
    requestAnimationFrame(step);
  });

  /** Takes the step that is nearest to the middle of an editor's canvas; gives what moves it about and lets it go. */
  window.takeStep = () => {
    const chart = document.querySelector("pipeline-graph");
    const { layout, viewpoint: { camera } } = chart.scene;
    const { left, top, width, height } = chart.stage.getBoundingClientRect();
    const places = Array.from(layout.x, (x, i) => [
      (x + layout.nodeWidth / 2) * camera.scale + camera.x, (layout.y[i] + layout.nodeHeight / 2) * camera.scale + camera.y,
    ]);
    const far = ([x, y]) => Math.hypot(x - width / 2, y - height / 2);
    const [x, y] = places.reduce((best, place) => (far(place) < far(best) ? place : best));
    const at = (type, dx, dy) => chart.stage.dispatchEvent(new PointerEvent(type, {
      clientX: left + x + dx, clientY: top + y + dy, button: type === "pointermove" ? -1 : 0, buttons: 1, bubbles: true, composed: true, cancelable: true,
    }));
    // A pointer that the script makes up cannot be captured.
    chart.stage.setPointerCapture = () => {};
    at("pointerdown", 0, 0);
    at("pointermove", 40, 0);
    window.letGo = () => at("pointerup", 40, 0);
    window.dragFor = (milliseconds) => new Promise((done) => {
      const end = performance.now() + milliseconds;
      const step = (now) => {
        at("pointermove", Math.sin(now / 300) * 160, Math.cos(now / 300) * 90);
        if (performance.now() < end) requestAnimationFrame(step);
        else done(true);
      };
      requestAnimationFrame(step);
    });
  };
})();
