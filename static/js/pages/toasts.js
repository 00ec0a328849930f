/** Short messages that pass. Screen readers hear them: the region is polite and always there. */

const STAYS_MS = 6000;

/**
 * @param {string} text
 * @param {"info" | "success" | "error"} [kind] an error stays until it is closed
 */
export function toast(text, kind = "info") {
  const region = document.getElementById("toasts");
  if (!region) return;
  const message = document.createElement("div");
  message.className = "toast";
  message.dataset.kind = kind;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet button-small button-icon";
  close.setAttribute("aria-label", "Close this message");
  close.textContent = "✕";
  close.addEventListener("click", () => message.remove());
  message.append(words, close);
  region.append(message);
  if (kind !== "error") setTimeout(() => message.remove(), STAYS_MS);
}
