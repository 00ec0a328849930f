/** Whether a key is a shortcut or part of a text. */

/**
 * What has the focus in an editor for code is behind the element that the page sees.
 * @param {EventTarget | null | undefined} target @returns {boolean}
 */
export function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.shadowRoot) return isTyping(target.shadowRoot.activeElement);
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), select, textarea");
}

/** People can switch single keys off in the `?` dialog. */
export function singleKeys() {
  try {
    return localStorage.getItem("single-keys") !== "off";
  } catch {
    return true;
  }
}
