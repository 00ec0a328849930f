"""What axe finds in a page as it is now, and which words are cut off in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe.js").read_text(encoding="utf-8")
# Nothing moves while it is measured: a colour on its way to another is neither of them, and what
# inherits it would set out when it has arrived. A sheet of the page's own rules cannot undo this.
LOOK = """async (rules) => {
  // What was pressed, and another theme, are drawn with the next frame.
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const still = new CSSStyleSheet();
  const none = "{transition: none !important; animation: none !important}";
  still.replaceSync(`*, *::before, *::after, *::backdrop ${none}`);
  const roots = [document];
  for (const root of roots) {
    for (const {shadowRoot} of root.querySelectorAll("*")) if (shadowRoot) roots.push(shadowRoot);
    root.adoptedStyleSheets.push(still);
  }
  // A card's and a row's name say what their lines say, with commas between them.
  const off = {"label-content-name-mismatch": {enabled: false}};
  const options = {resultTypes: ["violations"], ...(rules ? {runOnly: rules} : {rules: off})};
  try {
    const {violations} = await axe.run(document, options);
    return violations.flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) =>
      `${id}: ${target.join(" ")}: ${failureSummary.replace(/\\s+/g, " ")}`));
  } finally {
    for (const root of roots) {
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== still);
    }
  }
}"""
# Words that reach beyond a box that hides what is outside of it, and are not said to go on (…).
CUT = """() => {
  const found = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const {parentElement: holder} = words.currentNode;
    const text = words.currentNode.data.trim();
    if (!text || !holder.checkVisibility({visibilityProperty: true})) continue;
    if (holder.closest(".visually-hidden, .graph-card, .code-text, option")) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    const {left, right} = range.getBoundingClientRect();
    for (let box = holder; box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (["auto", "scroll"].includes(style.overflowX)) break;
      if (style.textOverflow === "ellipsis") break;
      if (style.overflowX === "visible" && !box.matches("button, a.button")) continue;
      const edge = box.getBoundingClientRect();
      if (left < edge.left - 2 || right > edge.right + 2) {
        found.push(`"${text.slice(0, 40)}" in ${box.tagName} ${box.className}`);
        break;
      }
    }
  }
  return found;
}"""


def barriers(page: Page) -> list[str]:
    """Everything that axe finds in the light theme, and what the dark one does to contrasts."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(AXE)
    found: list[Any] = page.evaluate(LOOK, None)
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(LOOK, ["color-contrast", "link-in-text-block"])
    page.emulate_media(color_scheme="light")
    return [*map(str, found), *page.evaluate(CUT)]
