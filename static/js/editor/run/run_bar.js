/** The bar above the canvas while something else than the draft is on it: a run, or a version. */

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

/** @param {boolean} looking @param {() => void} leave */
export function paintLookBar(looking, leave) {
  const bar = document.getElementById("editor-run");
  if (!bar) return;
  bar.hidden = !looking;
  delete bar.dataset.status;
  paint(bar, looking ? [
    icon("eye"), h("strong", null, "A version is on the canvas"), h("span", { class: "muted small" }, "It can be looked at, not changed."),
    h("div", { class: "actions" }, h("button", { type: "button", class: "button button-small button-primary", onClick: leave }, icon("edit"), "Back to editing")),
  ] : []);
}
