/** Keys of the run page: l log, t table, v graph, n and N next and previous failed step. */

import { isTyping, singleKeys } from "./typing.js";

/** @param {{looked: {tab: string}, show: (tab: string) => void, openLog: () => void, log: {isOpen: boolean, close: () => void},
 *   nextFailed: (direction: 1 | -1) => void, select: (index: number | null) => void}} page */
export function startKeys(page) {
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
