/** Ages ("3 min ago") and running clocks: one timer for the page, nothing while it is hidden. */

const SECOND = 1000;

/** @param {number} seconds */
export function age(seconds) {
  const past = seconds >= 0;
  const away = Math.floor(Math.abs(seconds));
  if (away < 5) return "now";
  /** @type {[number, string][]} */
  const units = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  for (const [size, unit] of units) {
    if (away >= size) {
      const count = Math.floor(away / size);
      return past ? `${count} ${unit} ago` : `in ${count} ${unit}`;
    }
  }
  return "now";
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 10) return `${Math.max(seconds, 0).toFixed(1)} s`;
  const all = Math.round(seconds);
  const minutes = Math.floor(all / 60);
  if (minutes < 1) return `${all} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 1) return `${minutes} min ${String(all % 60).padStart(2, "0")} s`;
  const days = Math.floor(hours / 24);
  if (days) return `${days} d ${hours % 24} h`;
  return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** @param {Element} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string | null | undefined} since */
function secondsSince(since) {
  return (Date.now() - Date.parse(since ?? "")) / SECOND;
}

function paint() {
  if (document.hidden) return;
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = secondsSince(time.getAttribute("datetime"));
    if (Number.isFinite(seconds)) write(time, age(seconds));
  }
  for (const clock of document.querySelectorAll("[data-running-since]")) {
    const seconds = secondsSince(clock instanceof HTMLElement ? clock.dataset.runningSince : "");
    if (Number.isFinite(seconds)) write(clock, duration(seconds));
  }
  for (const clock of document.querySelectorAll("[data-time-left]")) {
    const seconds = -secondsSince(clock instanceof HTMLElement ? clock.dataset.timeLeft : "");
    if (Number.isFinite(seconds)) write(clock, seconds > 0 ? `in ${Math.ceil(seconds)} s` : "now");
  }
}

export function startClocks() {
  paint();
  setInterval(paint, SECOND);
  document.addEventListener("visibilitychange", paint);
}
