/** What a panel shows beyond its HTML: pictures, plots, tables and trees. Each is fetched when there is one. */

import { showPictures } from "./pictures.js";

/** Looks through the page for what the server wrote anew. */
export function showPanels() {
  showPictures();
  if (document.querySelector("[data-log-url]")) expectLog();
  if (document.querySelector("[data-plots]")) {
    void import("../widgets/metric_plots.js").then(({ refreshPlots }) => refreshPlots());
  }
  for (const place of document.querySelectorAll("[data-artifact-view]")) {
    if (place.closest("details")?.open ?? true) void view(place);
  }
}

/** Whoever looks at an attempt may open its log: what that takes comes meanwhile, and does not run before. */
function expectLog() {
  const drawer = document.getElementById("run-log");
  const modules = drawer?.dataset.modules;
  if (!modules) return;
  delete drawer.dataset.modules;
  const links = modules.split(" ").map((href) => Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
  document.head.append(...links);
}

/** @param {Element} place */
async function view(place) {
  const { showArtifact } = await import("../widgets/artifact_view.js");
  await showArtifact(place);
}

// Looked into when a person opens it, not before.
document.addEventListener("toggle", ({ target }) => {
  const places = target instanceof HTMLDetailsElement && target.open ? target.querySelectorAll(":scope > div > [data-artifact-view]") : [];
  for (const place of places) void view(place);
}, true);
