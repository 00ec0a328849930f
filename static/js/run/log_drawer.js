/** The log below the page: of the attempt that is looked at, following it to another when that is selected. */

import { live } from "../live.js";

/** @typedef {import("../widgets/log_view.js").LogView} LogView */

export class LogDrawer {
  constructor() {
    this.drawer = document.getElementById("run-log");
    this.view = /** @type {LogView | null} */ (document.getElementById("log-view"));
    this.url = "";
    this.topic = "";
    this.stop = () => {};
    this.view?.addEventListener("log-close", () => this.close());
  }

  get isOpen() {
    return this.drawer !== null && !this.drawer.hidden;
  }

  /** @param {Element | null} source holds the address, topic and label of a log */
  open(source) {
    if (!this.drawer || !(source instanceof HTMLElement)) return;
    this.drawer.hidden = false;
    document.body.classList.add("run-log-open");
    this.#show(source);
    this.view?.focusText();
  }

  /** The step panel was written anew: the same log is asked whether it has ended, another one is shown. @param {Element | null} source */
  follow(source) {
    if (!this.isOpen || !(source instanceof HTMLElement)) return;
    if (this.url === source.dataset.logUrl && this.topic === source.dataset.logTopic) void this.view?.refresh();
    else this.#show(source);
  }

  close() {
    if (this.drawer) this.drawer.hidden = true;
    document.body.classList.remove("run-log-open");
    this.stop();
    this.url = "";
  }

  /** @param {HTMLElement} source */
  #show({ dataset }) {
    this.stop();
    this.url = dataset.logUrl ?? "";
    this.topic = dataset.logTopic ?? "";
    this.view?.show({ url: this.url, label: dataset.logLabel ?? "" });
    this.stop = this.topic ? live.watch(this.topic, () => void this.view?.refresh()) : () => {};
  }
}
