// Runs before the first paint, so that a chosen theme never flashes the other one, and that
// the transition between two pages is met in time.
// A classic script on purpose: modules run too late.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's theme then stands.
  }
  // A page may be gone or shown before its transition is; nobody needs to hear of that.
  /** @param {any} event */
  function hush(event) {
    if (!event.viewTransition) return;
    event.viewTransition.ready.catch(function () {});
    event.viewTransition.finished.catch(function () {});
  }
  addEventListener("pageswap", hush);
  addEventListener("pagereveal", hush);
})();
