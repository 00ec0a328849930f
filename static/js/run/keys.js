/** Keys of the run page; `?` lists them. */

import { isTyping, singleKeys } from "./typing.js";

const WORDS = {
  "/": "Find a step; Enter the next, Shift+Enter the one before", t: "Table or graph", l: "Log of the selected step", n: "Next failed step", N: "Previous failed step",
  f: "Only what leads to the selected step and follows from it", c: "Open or collapse the stack or group at the chart's step",
  m: "Map of the chart", r: "Rerun: the selected step, or what failed", x: "Select the step together with others; Shift and a click do the same",
};

/** Adds this page's keys to the list that `?` shows. */
function tellKeys() {
  const list = document.querySelector("#keys-dialog .keys");
  for (const [key, words] of Object.entries(WORDS)) {
    const name = document.createElement("dt");
    name.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    list?.append(name, Object.assign(document.createElement("dd"), { textContent: words }));
  }
}

/** The box is there only beside chart and table. @param {import("./main.js").RunPage} page */
function find(page) {
  if (page.looked.tab !== "table") page.show("graph");
  const box = document.getElementById("run-find");
  if (!(box instanceof HTMLInputElement)) return;
  box.focus();
  box.select();
}

/** The rerun's sheet stands beside the page, which goes on to be there. @param {EventTarget | null} target */
const isInDialog = (target) => document.querySelector("dialog:modal") !== null || (target instanceof Element && target.closest("dialog") !== null);

/** @param {import("./main.js").RunPage} page */
export function startKeys(page) {
  tellKeys();
  /** @type {Record<string, () => void>} */
  const keys = {
    l: () => (page.log?.isOpen ? page.log.close() : void page.openLog()),
    "/": () => find(page),
    f: () => void page.seek().then((seek) => seek.toggleLineage()),
    m: () => page.graph.minimap?.toggle(),
    r: () => page.data.may_operate && page.rerun(null, page.chosen.size ? "selection" : page.selectedIndex < 0 ? "failed" : "step"),
    x: () => void page.choice().then((choice) => choice.toggleHere()),
    t: () => page.show(page.looked.tab === "table" ? "graph" : "table"),
    n: () => page.nextFailed(1),
    N: () => page.nextFailed(-1),
    Escape: () => {
      if (page.reruns?.sheet.isOpen) page.reruns.sheet.close();
      else if (page.log?.isOpen) page.log.close();
      else if (page.chosen.size) void page.choice().then((choice) => choice.clear());
      else page.select(null);
    },
  };
  // Before the general keys of app.js: "g t" is theirs, and a lone "t" after "g" is not ours.
  let afterG = -Infinity;
  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (modified || event.defaultPrevented || isTyping(event.target) || isInDialog(event.target)) return;
    const going = event.timeStamp - afterG < 1200;
    afterG = event.key === "g" ? event.timeStamp : -Infinity;
    const act = keys[event.key];
    if (!act || going || (event.key !== "Escape" && !singleKeys())) return;
    event.preventDefault();
    act();
  });
}
