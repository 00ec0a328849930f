/** Keys of the run page: l log, t table or graph, n and N next and previous failed step. */

import { isTyping, singleKeys } from "./typing.js";

const WORDS = {
  t: "Table or graph", l: "Log of the selected step", n: "Next failed step", N: "Previous failed step",
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

/** @param {{looked: {tab: string}, show: (tab: string) => void, openLog: () => void, log: {isOpen: boolean, close: () => void},
 *   nextFailed: (direction: 1 | -1) => void, select: (index: number | null) => void}} page */
export function startKeys(page) {
  tellKeys();
  /** @type {Record<string, () => void>} */
  const keys = {
    l: () => (page.log.isOpen ? page.log.close() : page.openLog()),
    t: () => page.show(page.looked.tab === "table" ? "graph" : "table"),
    n: () => page.nextFailed(1),
    N: () => page.nextFailed(-1),
    Escape: () => (page.log.isOpen ? page.log.close() : page.select(null)),
  };
  // Before the general keys of app.js: "g t" is theirs, and a lone "t" after "g" is not ours.
  let afterG = -Infinity;
  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (modified || event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const going = event.timeStamp - afterG < 1200;
    afterG = event.key === "g" ? event.timeStamp : -Infinity;
    const act = keys[event.key];
    if (!act || going || (event.key !== "Escape" && !singleKeys())) return;
    event.preventDefault();
    act();
  });
}
