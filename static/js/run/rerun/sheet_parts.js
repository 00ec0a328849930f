/** The elements of the rerun's sheet, empty; and the list of what would become of which steps. */

import { icon } from "../marks.js";
import { swatch } from "./legend.js";
import { namesByEffect } from "./words.js";

/** So many names of one effect are listed. */
const NAMED = 60;
/** So many steps are offered to be changed. */
const OFFERED = 500;

export function makeSheet() {
  const dialog = made("dialog", "rerun-sheet");
  dialog.setAttribute("aria-labelledby", "rerun-title");
  const form = made("form", "rerun-form");
  const ways = made("fieldset", "rerun-ways");
  const shown = made("section", "rerun-shown");
  shown.setAttribute("aria-label", "What would happen");
  const values = Object.assign(made("details", "rerun-values"), { open: true });
  const fields = made("div", "rerun-fields");
  const { field, pick } = makePick();
  values.append(made("summary", "", "With other values"), field, fields);
  const fault = Object.assign(made("p", "notice notice-error"), { hidden: true });
  fault.setAttribute("role", "alert");
  const { foot, yes, no } = makeFoot();
  const body = made("div", "rerun-body");
  body.append(ways, shown, values, fault);
  form.append(body, foot);
  const { head, close } = makeHead();
  dialog.append(head, form);
  return { dialog, form, ways, shown, pick, fields, fault, yes, closes: [close, no] };
}

/** Of which step the values are shown. */
function makePick() {
  const field = made("div", "field rerun-pick");
  const label = Object.assign(made("label", "", "Values of"), { htmlFor: "rerun-step" });
  const pick = Object.assign(made("select", ""), { id: "rerun-step" });
  const head = made("div", "field-label");
  head.append(label);
  field.append(head, pick);
  return { field, pick };
}

/** @param {HTMLSelectElement} pick @param {string[]} steps @param {string} chosen */
export function offerSteps(pick, steps, chosen) {
  const offered = ["", ...(chosen && !steps.includes(chosen) ? [chosen] : []), ...steps.slice(0, OFFERED)];
  pick.replaceChildren(...offered.map((step) => new Option(step || "no step: for all of them", step, step === chosen, step === chosen)));
}

function makeHead() {
  const head = made("div", "dialog-head");
  const close = Object.assign(made("button", "button button-quiet button-icon"), { type: "button" });
  close.setAttribute("aria-label", "Close");
  close.append(icon("close"));
  head.append(Object.assign(made("h2", "", "Rerun"), { id: "rerun-title" }), close);
  return { head, close };
}

function makeFoot() {
  const foot = made("div", "form-foot rerun-foot");
  const yes = Object.assign(made("button", "button button-primary"), { type: "submit" });
  yes.append(icon("rerun"), "Run");
  const no = Object.assign(made("button", "button", "Cancel"), { type: "button" });
  foot.append(yes, no);
  return { foot, yes, no };
}

/** @param {import("./words.js").Preview} preview */
export function listed(preview) {
  return [...namesByEffect(preview)].filter(([, names]) => names.length).map(([effect, names]) => {
    const part = made("p", "rerun-names small");
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
    part.append(swatch(effect, names.length), ` ${names.slice(0, NAMED).join(", ")}${more}`);
    return part;
  });
}

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {string} className @param {string} [text] @returns {HTMLElementTagNameMap[T]} */
export function made(tag, className, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}
