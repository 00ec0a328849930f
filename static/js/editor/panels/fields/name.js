/** The field of a name: what is wrong with it is said while it is typed; it is taken over when it is left, or with Enter. */

import { h } from "../../elements.js";
import { complaintOf } from "./frame.js";

/**
 * @typedef {import("../schema_form.js").Complaint} Complaint
 * @typedef {{id: string, value: string, typed: import("../typed.js").Typed, most?: number, class?: string,
 *   fault: (name: string) => string, rename: (name: string) => void, redraw: () => void, complaints?: Complaint[]}} Around
 *   `fault` tells why a name cannot be, `complaints` what the check says of the one that is
 */

/** @param {Around} around @returns {import("../../elements.js").Shape} */
export function drawName(around) {
  const { id, value, typed, most = 128, complaints = [] } = around;
  const kept = typed.at(id, value);
  const errors = kept?.error ? [{ message: kept.error }] : complaints;
  return h(
    "div", { key: id, class: "field panel-field" },
    h("label", { for: id, class: "panel-label" }, "Name"),
    h("input", {
      id, class: around.class, type: "text", value: kept?.text ?? value, maxlength: String(most), autocomplete: "off", spellcheck: "false",
      "aria-invalid": errors.length ? "true" : null, "aria-describedby": errors.length ? `${id}-about` : null, ...ears(around),
    }),
    errors.length ? h("div", { id: `${id}-about`, class: "panel-about" }, errors.map(complaintOf)) : null,
  );
}

/** @param {Around} around */
function ears({ id, value, typed, fault, rename, redraw }) {
  const take = (/** @type {Event} */ event) => {
    const name = /** @type {HTMLInputElement} */ (event.target).value;
    if (name === value || fault(name)) return;
    typed.forget(id);
    rename(name);
  };
  return {
    onInput: (/** @type {Event} */ event) => {
      const name = /** @type {HTMLInputElement} */ (event.target).value;
      typed.keep(id, name, value, name === value ? "" : fault(name));
      redraw();
    },
    onChange: take,
    onKeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") take(event);
      if (event.key !== "Escape" || !typed.at(id, value)) return;
      event.stopPropagation();
      typed.forget(id);
      redraw();
    },
  };
}
