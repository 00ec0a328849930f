/** The bar above chart and table: the search box, next failed, lineage, stacks. What they do is fetched when used. */

import { putText } from "./marks.js";

/** @typedef {import("./main.js").RunPage} RunPage */

/** @param {RunPage} page */
export function startTools(page) {
  const box = document.getElementById("run-find");
  // Fetched while the words are written.
  box?.addEventListener("focus", () => void page.seek());
  box?.addEventListener("input", () => {
    const words = /** @type {HTMLInputElement} */ (box).value;
    void page.seek().then((seek) => seek.look({ words }));
  });
  box?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") void page.seek().then((seek) => seek.go(event.shiftKey ? -1 : 1));
    else if (event.key === "Escape") leave(/** @type {HTMLInputElement} */ (box), page);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.getElementById("run-filter-clear")?.addEventListener("click", () => {
    void page.seek().then((seek) => seek.look({ status: null }));
  });
  page.graph.addEventListener("folds-change", () => paintFolds(page));
}

/** Escape empties the box; in an empty one it goes back to the chart. @param {HTMLInputElement} box @param {RunPage} page */
function leave(box, page) {
  if (!box.value) {
    box.blur();
    return;
  }
  box.value = "";
  void page.seek().then((seek) => seek.look({ words: "" }));
}

/** @type {Record<string, (page: RunPage) => void>} */
const TOOLS = {
  "found-next": (page) => void page.seek().then((seek) => seek.go(1)),
  "found-back": (page) => void page.seek().then((seek) => seek.go(-1)),
  "next-failed": (page) => page.nextFailed(1),
  lineage: (page) => void page.seek().then((seek) => seek.toggleLineage()),
  "fold-one": (page) => void page.graph.toggleBundle(page.graph.steps.nodeOf(page.selectedIndex)),
  folds: (page) => void page.graph.foldAll(page.graph.folds.closed === 0),
};

/** @param {string} tool @param {RunPage} page */
export const useTool = (tool, page) => TOOLS[tool]?.(page);

/** @param {RunPage} page */
export function paintTools(page) {
  const counts = page.store.counts();
  const failed = (counts.get("failed") ?? 0) + (counts.get("crashed") ?? 0);
  const button = document.querySelector("[data-tool=next-failed]");
  if (button instanceof HTMLElement) button.hidden = failed === 0;
  putText(button?.querySelector("[data-count]") ?? null, String(failed));
  const lineage = document.querySelector("[data-tool=lineage]");
  const pressed = lineage?.getAttribute("aria-pressed") === "true";
  if (lineage instanceof HTMLButtonElement) lineage.disabled = page.selectedIndex < 0 && !pressed;
  paintFolds(page);
}

/** @param {RunPage} page */
export function paintFolds(page) {
  const button = document.querySelector("[data-tool=folds]");
  if (!(button instanceof HTMLElement)) return;
  const { all, closed } = page.graph.folds;
  button.hidden = all === 0 || page.looked.tab !== "graph";
  putText(button, closed === 0 ? "Collapse all" : "Open all");
  const one = document.querySelector("[data-tool=fold-one]");
  const bundle = page.selectedIndex < 0 ? null : page.graph.steps.openBundleOf(page.selectedIndex);
  if (!(one instanceof HTMLElement)) return;
  one.hidden = bundle === null || page.looked.tab !== "graph";
  putText(one, `Collapse ${bundle?.name ?? ""}`);
}
