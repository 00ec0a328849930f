/**
 * Makes what stands in an element equal to a description of it, touching only what differs, so that
 * focus, cursor, scroll and running work stay where they are. Children are matched by key, else by place.
 *
 *   paint(element, [h("label", { for: "a" }, "Name"), h("input", { id: "a", value: name, onInput: hear })]);
 */

/**
 * @typedef {Record<string, any>} Props attributes; `onInput` hears an event, `value` and `checked` are held, `key` names
 * @typedef {{tag: string, key: string, props: Props, children: Child[]}} Shape
 * @typedef {Shape | string} Child
 * @typedef {Child | number | null | undefined | false | any[]} Given what may be handed over; lists are opened, nothing is left out
 */

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "use"]);
/** What a person changes as well: it is compared with what stands there, not with what was last described. */
const HELD = new Set(["value", "checked"]);
const PROPERTIES = new Set([...HELD, "disabled", "hidden", "open", "selected", "readOnly", "indeterminate", "multiple"]);

/** @type {WeakMap<Node, Shape>} */
const painted = new WeakMap();

/** @param {string} tag @param {Props | null} [props] @param {...Given} children @returns {Shape} */
export function h(tag, props, ...children) {
  const { key = "", ...rest } = props ?? {};
  return { tag, key: String(key), props: rest, children: flat(children) };
}

/** @param {string} name @returns {Shape} */
export function icon(name) {
  const base = document.querySelector("meta[name=static]")?.getAttribute("content") ?? "/static/";
  const id = name.startsWith("status-") ? name : `icon-${name}`;
  return h("svg", { class: "icon", "aria-hidden": "true" }, h("use", { href: `${base}icons.svg#${id}` }));
}

/** @param {Element} parent @param {Given[]} children */
export function paint(parent, children) {
  const focused = document.activeElement;
  paintChildren(parent, flat(children));
  // What was moved has lost the focus on its way.
  const lost = focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused);
  if (lost) focused.focus({ preventScroll: true });
}

/** @param {Given[]} children @returns {Child[]} */
function flat(children) {
  const every = /** @type {Exclude<Given, any[]>[]} */ (children.flat(Infinity));
  return every.flatMap((child) => {
    if (child === null || child === undefined || child === false || child === "") return [];
    return typeof child === "number" ? String(child) : child;
  });
}

/** @param {Element} parent @param {Child[]} children */
function paintChildren(parent, children) {
  const wanted = new Set(children.map(keyOf).filter(Boolean));
  /** @type {Map<string, Node>} */
  const kept = new Map();
  for (const node of parent.childNodes) kept.set(keyOfNode(node), node);
  let place = parent.firstChild;
  for (const child of children) {
    // First what is gone goes, so that what stays need not be moved.
    while (place && keyOfNode(place) && !wanted.has(keyOfNode(place))) place = removed(place);
    const node = keyOf(child) ? kept.get(keyOf(child)) : place && !keyOfNode(place) ? place : undefined;
    if (!node || !alike(node, child)) parent.insertBefore(made(child), place);
    else if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
    if (node && alike(node, child)) update(node, child);
  }
  while (place) place = removed(place);
}

/** @param {Node} node @returns {ChildNode | null} */
function removed(node) {
  const next = node.nextSibling;
  node.parentNode?.removeChild(node);
  return next;
}

/** @param {Child} child */
const keyOf = (child) => (typeof child === "string" ? "" : child.key);

/** @param {Node} node */
const keyOfNode = (node) => painted.get(node)?.key ?? "";

/** @param {Node} node @param {Child} child */
function alike(node, child) {
  if (typeof child === "string") return node.nodeType === Node.TEXT_NODE;
  const before = painted.get(node);
  return before?.tag === child.tag && before.key === child.key;
}

/** @param {Child} child @returns {Node} */
function made(child) {
  if (typeof child === "string") return document.createTextNode(child);
  const node = SVG_TAGS.has(child.tag) ? document.createElementNS(SVG, child.tag) : document.createElement(child.tag);
  painted.set(node, { ...child, props: {} });
  update(node, child);
  return node;
}

/** @param {Node} node @param {Child} child */
function update(node, child) {
  if (typeof child === "string") {
    if (node.nodeValue !== child) node.nodeValue = child;
    return;
  }
  const element = /** @type {Element} */ (node);
  const before = painted.get(node)?.props ?? {};
  painted.set(node, child);
  for (const name of Object.keys(before)) if (!(name in child.props)) put(element, name, undefined);
  for (const [name, value] of Object.entries(child.props)) {
    if (!HELD.has(name) && before[name] !== value) put(element, name, value);
  }
  paintChildren(element, child.children);
  // A list's value needs its options first.
  for (const name of HELD) if (name in child.props) put(element, name, child.props[name]);
}

/** @param {Element} element @param {string} name @param {any} value */
function put(element, name, value) {
  if (/^on[A-Z]/.test(name)) {
    const type = name.slice(2).toLowerCase();
    element.removeEventListener(type, hear);
    if (value) element.addEventListener(type, hear);
  } else if (PROPERTIES.has(name)) {
    const held = /** @type {any} */ (element);
    const now = value ?? (name === "value" ? "" : false);
    if (held[name] !== now) held[name] = now;
  } else if (value === undefined || value === null || value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** One ear for all; what is described last hears. @param {Event} event */
function hear(event) {
  const props = painted.get(/** @type {Node} */ (event.currentTarget))?.props ?? {};
  const name = Object.keys(props).find((each) => each.toLowerCase() === `on${event.type}`);
  if (name) props[name](event);
}
