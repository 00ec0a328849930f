/** A row of tabs and their panels; the arrow keys walk the row. What a panel shows is made when it is first shown. */

export class Tabs {
  /**
   * @param {HTMLElement} element holds the tablist and its panels
   * @param {(name: string) => void} onShow
   */
  constructor(element, onShow) {
    this.element = element;
    this.onShow = onShow;
    /** The side that the tabs stand on may have been put away. */
    this.reveal = () => {};
    this.tabs = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("[role=tab]")]);
    this.current = this.tabs.find((tab) => tab.getAttribute("aria-selected") === "true")?.dataset.tab ?? "";
    for (const tab of this.tabs) tab.addEventListener("click", () => this.show(tab.dataset.tab ?? ""));
    element.querySelector("[role=tablist]")?.addEventListener("keydown", (event) => this.#walk(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {string} name @param {boolean} [focus] whether the keyboard goes there too */
  show(name, focus = false) {
    this.current = name;
    this.reveal();
    for (const tab of this.tabs) {
      const here = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(here));
      tab.tabIndex = here ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !here;
      if (here && focus) tab.focus();
    }
    this.onShow(name);
  }

  /** @param {string} name @param {string} other where to go when it is shown already */
  toggle(name, other) {
    this.show(this.current === name ? other : name, true);
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = this.tabs.findIndex((tab) => tab.dataset.tab === this.current);
    this.show(this.tabs[(at + step + this.tabs.length) % this.tabs.length].dataset.tab ?? "", true);
  }
}
