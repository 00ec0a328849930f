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
})();
