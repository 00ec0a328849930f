/**
 * Makes one piece of a page like a newer one, touching only what differs, so that focus, scroll,
 * selection and running animations stay. Children are matched by `data-key` or id, else by place.
 */

/** @param {Node} node */
function keyOf(node) {
  if (!(node instanceof Element)) return "";
  return node.getAttribute("data-key") || node.id;
}

/** @param {Node} one @param {Node} other */
function alike(one, other) {
  return (
    one.nodeType === other.nodeType && one.nodeName === other.nodeName && keyOf(one) === keyOf(other)
  );
}

/** @param {Element} old @param {Element} fresh */
function morphAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    // A person opened or closed it; the server does not know.
    if (!fresh.hasAttribute(name) && !(name === "open" && old.matches("details, dialog"))) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** @param {Node} old @param {Node} fresh */
function morphNode(old, fresh) {
  if (!(old instanceof Element) || !(fresh instanceof Element)) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.hasAttribute("data-live-keep")) return;
  if (old.isEqualNode(fresh)) return;
  const moved = old.matches("tr[data-key]") && statusesIn(old) !== statusesIn(fresh);
  morphAttributes(old, fresh);
  // What somebody is typing or has chosen is theirs.
  if (old.matches("input, textarea, select")) return;
  morphChildren(old, fresh);
  if (moved) mark(old);
}

/** Ages and clocks differ all the time; a change of status is what the eye should go to. @param {Element} row */
function statusesIn(row) {
  const parts = [...row.querySelectorAll("[data-status]")];
  return parts.map((part) => part.getAttribute("data-status")).join(" ");
}

/** @param {Element} row */
function mark(row) {
  row.removeAttribute("data-changed");
  requestAnimationFrame(() => row.setAttribute("data-changed", ""));
}

/** @param {Element} old @param {Element} fresh */
function morphChildren(old, fresh) {
  /** @type {Map<string, Element>} */
  const byKey = new Map();
  for (const child of old.children) {
    const key = keyOf(child);
    if (key) byKey.set(key, child);
  }
  let place = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const key = keyOf(next);
    const kept = key ? byKey.get(key) : undefined;
    if (kept && alike(kept, next)) {
      if (kept === place) place = place.nextSibling;
      else old.insertBefore(kept, place);
      morphNode(kept, next);
    } else if (place && alike(place, next)) {
      const current = place;
      place = place.nextSibling;
      morphNode(current, next);
    } else {
      old.insertBefore(document.importNode(next, true), place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

/** @param {Element} old @param {Element} fresh */
export function morph(old, fresh) {
  morphNode(old, fresh);
}
