/** What of the page's state stands in its address, so that it can be shared: tab, step, attempt. */

/** @returns {{tab: string, step: string | null, attempt: string | null}} */
export function readAddress() {
  const query = new URLSearchParams(location.search);
  return { tab: query.get("tab") ?? "graph", step: query.get("step"), attempt: query.get("attempt") };
}

/** @param {{tab: string, step: string | null, attempt: string | null}} state @param {boolean} [push] as a place to come back to */
export function writeAddress({ tab, step, attempt }, push = false) {
  const query = new URLSearchParams();
  if (tab !== "graph") query.set("tab", tab);
  if (step) query.set("step", step);
  if (step && attempt) query.set("attempt", attempt);
  const address = query.size ? `?${query}` : location.pathname;
  if (push) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}
