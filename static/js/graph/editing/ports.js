/**
 * The two round handles of a card, shown on the one that is under the pointer or has the focus: edges are drawn from
 * them. Real buttons, because a press without a drag begins an edge too. They keep their size on the screen.
 */

/** @typedef {import("../layout.js").Layout} Layout */

const SMALLEST_SCALE = 0.4;

export class Ports {
  /** @param {HTMLElement} layer */
  constructor(layer) {
    this.node = -1;
    this.key = "";
    this.into = port("in");
    this.out = port("out");
    layer.append(this.into, this.out);
  }

  /** @param {Layout | null} layout @param {number} node -1 for none @param {string} name @param {number} scale */
  show(layout, node, name, scale) {
    const key = `${node} ${name} ${scale} ${layout?.x[node]} ${layout?.y[node]}`;
    if (key === this.key) return;
    this.key = key;
    const shown = layout !== null && node >= 0 && node < layout.x.length && scale >= SMALLEST_SCALE;
    this.into.hidden = this.out.hidden = !shown;
    this.node = shown ? node : -1;
    if (!shown) return;
    this.into.setAttribute("aria-label", `Connect a step to ${name}`);
    this.out.setAttribute("aria-label", `Connect ${name} to a step`);
    const middle = layout.y[node] + layout.nodeHeight / 2;
    this.into.style.transform = `translate(${layout.x[node]}px, ${middle}px) scale(${1 / scale})`;
    this.out.style.transform = `translate(${layout.x[node] + layout.nodeWidth}px, ${middle}px) scale(${1 / scale})`;
  }

  /** @param {EventTarget | null} target @returns {boolean | null} whether it is the one that leads forwards; null for no port */
  forwardsAt(target) {
    if (!(target instanceof Element)) return null;
    const found = target.closest(".edit-port");
    return found ? found === this.out : null;
  }
}

/** @param {"in" | "out"} side */
function port(side) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = `edit-port edit-port-${side}`;
  button.tabIndex = -1;
  button.hidden = true;
  return button;
}
