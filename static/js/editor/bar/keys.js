/** How a key is written. Pure. */

/** @param {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean, shiftKey: boolean}} event @returns {string} as the table of verbs writes it: Ctrl+Shift+Z */
export function nameOfKey(event) {
  const control = event.ctrlKey || event.metaKey;
  const long = event.key.length > 1;
  const parts = [control && "Ctrl", event.altKey && "Alt", event.shiftKey && (long || control) && "Shift"];
  return [...parts.filter(Boolean), control && !long ? event.key.toUpperCase() : event.key].join("+");
}
