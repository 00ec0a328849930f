/** The log below the page: of the attempt that is looked at, following it to another when that is selected. */

import { Watched } from "../watched.js";

/** @typedef {import("../widgets/log_view.js").LogView} LogView */

export class LogDrawer {
  constructor() {
    this.drawer = document.getElementById("run-log");
    /** @type {LogView | null} */
    this.view = null;
    this.url = "";
    this.topic = "";
    /** The part of the page whose log it is. @type {string | undefined} */
    this.place = "";
    this.watched = new Watched(() => void this.view?.refresh());
  }

  get isOpen() {
    return this.drawer !== null && !this.drawer.hidden;
  }

  /** @param {Element | null} source holds the address, topic and label of a log @param {string} [hash] names lines */
  async open(source, hash = "") {
    if (!this.drawer || !(source instanceof HTMLElement)) return;
    this.drawer.hidden = false;
    this.place = placeOf(source);
    document.body.classList.add("run-log-open");
    const [, { linesIn }] = await Promise.all([this.#load(), import("../widgets/log/place.js")]);
    this.#show(source, linesIn(hash));
    this.view?.focusText();
  }

  /** Fetched when a log is first opened: most who look at a run do not read one. */
  async #load() {
    if (this.view) return;
    await import("../widgets/log_view.js");
    this.view = /** @type {LogView} */ (document.getElementById("log-view"));
    this.view.addEventListener("log-close", () => this.close());
  }

  /** A part was written anew: the same log is asked whether it has ended, another one of the same part is shown. @param {Element | null} source */
  follow(source) {
    if (!this.isOpen || !this.view || !(source instanceof HTMLElement) || placeOf(source) !== this.place) return;
    if (this.url === source.dataset.logUrl && this.topic === source.dataset.logTopic) void this.view.refresh();
    else this.#show(source, null);
  }

  close() {
    if (this.drawer) this.drawer.hidden = true;
    document.body.classList.remove("run-log-open");
    this.watched.only("");
    this.url = "";
  }

  /** @param {HTMLElement} source @param {[number, number] | null} lines */
  #show({ dataset }, lines) {
    this.url = dataset.logUrl ?? "";
    this.topic = dataset.logTopic ?? "";
    this.view?.show({ url: this.url, label: dataset.logLabel ?? "", address: dataset.logAddress ?? "", lines });
    this.watched.only(this.topic);
  }
}

/** @param {Element} source */
const placeOf = (source) => source.closest("[data-part]")?.id;
