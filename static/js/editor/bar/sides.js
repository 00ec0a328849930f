/** The sides beside the canvas can be put away, so that the canvas has their room; the browser remembers it. */

/** @typedef {import("../editor.js").Editor} Editor */

const STORED = "editor-sides";

/** @param {Editor} editor */
export function startSides(editor) {
  const columns = document.getElementById("editor-columns");
  if (!columns) return;
  const hidden = new Set(remembered());
  const paint = () => {
    for (const side of ["left", "right"]) {
      const away = hidden.has(side);
      columns.toggleAttribute(`data-${side}-away`, away);
      const button = columns.querySelector(`[data-side="${side}"]`);
      button?.setAttribute("aria-expanded", String(!away));
      button?.setAttribute("aria-label", `${away ? "Show" : "Hide"} the ${side} side`);
    }
  };
  const set = (/** @type {string} */ side, /** @type {boolean} */ away) => {
    if (away) hidden.add(side);
    else hidden.delete(side);
    remember(hidden);
    paint();
  };
  columns.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-side]") : null;
    if (button instanceof HTMLElement) set(button.dataset.side ?? "", !hidden.has(button.dataset.side ?? ""));
  });
  // What is asked for must be seen.
  if (editor.left) editor.left.reveal = () => set("left", false);
  if (editor.right) editor.right.reveal = () => set("right", false);
  paint();
}

/** @returns {string[]} */
function remembered() {
  try {
    return (localStorage.getItem(STORED) ?? "").split(" ").filter(Boolean);
  } catch {
    return [];
  }
}

/** @param {Set<string>} hidden */
function remember(hidden) {
  try {
    localStorage.setItem(STORED, [...hidden].join(" "));
  } catch {
    // Without storage it is as it was at the next visit.
  }
}
