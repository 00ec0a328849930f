/** The head of the page: status, clock, bar and legend, the live badge, and the window's title. */

import { icon, putClock, putStatus, putText } from "./marks.js";

/** @typedef {import("./store.js").RunStore} RunStore */

const SVG = "http://www.w3.org/2000/svg";

// Ended well first, so that the bar fills from the left.
export const BAR_ORDER = [
  "completed", "cached", "skipped", "failed", "crashed", "aborted", "aborting", "awaiting", "paused",
  "running", "queued", "pending", "draft",
];
const LEGEND_ORDER = [...BAR_ORDER.slice(3), ...BAR_ORDER.slice(0, 3)];

/** @param {string} id */
const part = (id) => document.getElementById(id);

/** @param {RunStore} store */
export function paintHeader(store) {
  const { run } = store.view;
  putStatus(part("run-status"), run.status, true);
  if (run.started_at) putClock(part("run-clock"), run.started_at, run.ended_at);
  const reason = part("run-reason");
  if (reason) {
    putText(reason, run.reason ?? "");
    reason.hidden = !run.reason;
    reason.dataset.status = run.status;
  }
  const round = part("run-round");
  if (round) {
    round.hidden = (run.round ?? 1) === 1;
    putText(round.querySelector("dd"), String(run.round ?? 1));
  }
  document.title = document.title.replace(/^\S+/, run.status);
  paintCounts(store.counts());
}

/** @param {Map<string, number>} counts */
function paintCounts(counts) {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0) || 1;
  let x = 0;
  const pieces = [];
  for (const status of BAR_ORDER.filter((word) => counts.has(word))) {
    const width = (1000 * (counts.get(status) ?? 0)) / total;
    const rect = document.createElementNS(SVG, "rect");
    rect.dataset.status = status;
    for (const [name, value] of Object.entries({ x, y: 0, width, height: 8 })) rect.setAttribute(name, String(value));
    pieces.push(rect);
    x += width;
  }
  part("run-bar")?.replaceChildren(...pieces);
  paintLegend(counts);
}

/** @param {Map<string, number>} counts */
function paintLegend(counts) {
  const list = part("run-legend");
  if (!list) return;
  const items = new Map([...list.children].map((item) => [item.querySelector("a")?.dataset.filter, item]));
  for (const [status, item] of items) if (!counts.has(status ?? "")) item.remove();
  let place = list.firstElementChild;
  for (const status of LEGEND_ORDER.filter((word) => counts.has(word))) {
    const item = items.get(status) ?? legendItem(status);
    putText(item.querySelector("[data-count]"), String(counts.get(status)));
    if (item === place) place = item.nextElementSibling;
    else list.insertBefore(item, place);
  }
}

/** @param {string} status */
function legendItem(status) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.className = "run-legend-item";
  link.dataset.filter = status;
  link.dataset.status = status;
  link.href = `?tab=table&status=${status}`;
  const count = document.createElement("span");
  count.dataset.count = "";
  link.append(icon(`status-${status}`), count, ` ${status}`);
  item.append(link);
  return item;
}

/** @param {{state: string, at: Date | null}} now */
export function paintBadge({ state, at }) {
  const badge = document.querySelector(".run-live");
  if (!(badge instanceof HTMLElement)) return;
  badge.dataset.state = state === "signed out" ? "offline" : state;
  // A time in words costs the browser its tables of languages; most pages never say one.
  const since = () => (at ?? new Date()).toLocaleTimeString("en-GB");
  const words = { live: "Live", reconnecting: "Reconnecting…", "signed out": "Signed out" }[state] ?? state;
  putText(badge, state === "offline" ? `Offline: showing ${since()}` : words);
}
