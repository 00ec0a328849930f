/** The bar above the canvas while a run is on it. */

import { h, icon, paint } from "../elements.js";

/** @param {import("./live_run.js").LiveRun | null} shown */
export function paintRunBar(shown) {
  const bar = document.getElementById("editor-run");
  if (!bar) return;
  bar.hidden = !shown;
  if (!shown) {
    paint(bar, []);
    return;
  }
  const { run, store } = shown;
  const status = store.view.run.status ?? run.status;
  bar.dataset.status = status;
  const counts = [...store.counts()].map(([word, number]) => `${number} ${word}`).join(" · ");
  paint(bar, [
    h("strong", null, `Run ${run.number}`),
    h("span", { class: "status status-pill", "data-status": status, role: "status" }, icon(`status-${status}`), status),
    h("span", { class: "muted small" }, counts),
    store.view.run.reason && h("span", { class: "small" }, store.view.run.reason),
    h("div", { class: "actions" },
      h("a", { class: "button button-small", href: run.url }, icon("external"), "Open the run"),
      h("button", { type: "button", class: "button button-small button-primary", onClick: () => shown.leave() }, icon("edit"), "Back to editing")),
  ]);
}
