/** Shortcuts that work on every page. Single keys can be switched off in the `?` dialog. */

/** @type {Record<string, string>} */
const PLACES = {
  p: "/pipelines/",
  r: "/runs/",
  t: "/templates/",
  k: "/tasks/",
  q: "/queues/",
};
const WAITS_MS = 1200;
const STORED = "single-keys";

/** @param {EventTarget | null} target */
function isTyping(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, select, textarea"))
  );
}

function singleKeys() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}

function startSwitch() {
  const box = document.querySelector("[data-single-keys]");
  if (!(box instanceof HTMLInputElement)) return;
  box.checked = singleKeys();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(STORED, box.checked ? "on" : "off");
    } catch {
      // Without storage the keys stay on.
    }
  });
}

/** @param {KeyboardEvent} event */
function openOrFind(event) {
  if (event.key === "?") {
    const dialog = document.getElementById("keys-dialog");
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
    return true;
  }
  const search = [...document.querySelectorAll("input[type=search]")].find((box) => box.checkVisibility());
  if (event.key === "/" && search instanceof HTMLInputElement) {
    search.focus();
    search.select();
    return true;
  }
  return false;
}

export function startKeyboard() {
  startSwitch();
  let goingUntil = 0;
  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (modified || event.defaultPrevented || isTyping(event.target) || !singleKeys()) return;
    if (document.querySelector("dialog[open]")) return;
    if (goingUntil > event.timeStamp && PLACES[event.key]) {
      event.preventDefault();
      location.assign(PLACES[event.key]);
      return;
    }
    goingUntil = event.key === "g" ? event.timeStamp + WAITS_MS : 0;
    if (openOrFind(event)) event.preventDefault();
  });
}
