/** What a panel shows beyond its HTML: pictures, plots, tables and trees. Each is fetched when there is one. */

import { showPictures } from "./pictures.js";

/** Looks through the page for what the server wrote anew. */
export function showPanels() {
  showPictures();
  if (document.querySelector("[data-plots]")) {
    void import("../widgets/metric_plots.js").then(({ refreshPlots }) => refreshPlots());
  }
}
