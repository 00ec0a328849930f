/** Buttons that copy a text of the page: <button data-copies="id of the text">. */
import { toast } from "./toasts.js";

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.", "success");
  } catch {
    // Over plain HTTP from another machine browsers give no clipboard.
    toast("The browser does not let this page copy. Select the text instead.", "error");
  }
}

/** @param {HTMLElement} button */
export function copyOf(button) {
  const text = document.getElementById(button.dataset.copies ?? "")?.textContent;
  if (text) void copy(text);
}
