/** The script that drives a run: its part of the page, and the chart while it has added no step yet. */

/** @typedef {import("./main.js").RunPage} RunPage @typedef {import("./store.js").News} News */

export class Script {
  /** @param {RunPage} page */
  constructor(page) {
    this.page = page;
    this.status = statusOf();
    this.paint();
  }

  /** It is asked, and moves, with the run. @param {News} news */
  hear(news) {
    const asked = news.changes.some(({ kind, data }) => kind === "answered" || (kind === "called" && data.by === "script"));
    if (news.run || news.all || asked) this.page.parts.refresh("script");
  }

  /** The part was written anew: what became of the script is said. */
  fresh() {
    const status = statusOf();
    if (status !== this.status) this.page.speaker.tell("script", `The controller script is ${status}.`);
    this.status = status;
    this.paint();
  }

  /** A chart without steps says why. */
  paint() {
    if (this.page.names.length) return;
    this.page.graph.say(this.page.store.view.run.ended_at ? "The script has added no step." : "The script has not added a step yet.");
  }
}

const statusOf = () => document.querySelector("#part-script [data-status]")?.getAttribute("data-status") ?? "";
