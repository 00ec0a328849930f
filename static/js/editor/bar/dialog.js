/** A dialog of the editor: a title, a body that is painted, and a form whose button does something that may be refused. */

import { makeDialog } from "../../pages/dialogs.js";
import { Refused } from "../api.js";
import { h, icon, paint } from "../elements.js";

/** @typedef {import("../api.js").Problem} Problem */

/**
 * @param {string} title @param {{body: () => any[], verb: string, does: () => Promise<void>, symbol?: string, wide?: boolean}} what
 */
export function openForm(title, { body, verb, does, symbol = "check", wide = false }) {
  const { dialog, body: element } = makeDialog(title);
  dialog.classList.toggle("dialog-wide", wide);
  let busy = false;
  /** @type {Refused | Error | null} */
  let fault = null;
  const repaint = () => paint(element, [
    h("form", { class: "form", novalidate: true, onSubmit: submit },
      body(),
      fault && h("div", { class: "notice notice-error", role: "alert" }, icon("warning"), h("div", null, h("p", null, fault.message), problemList(fault))),
      h("div", { class: "form-foot" },
        h("button", { class: "button button-primary", "aria-disabled": busy ? "true" : false }, icon(symbol), verb),
        h("button", { type: "button", class: "button button-quiet", onClick: () => dialog.close() }, "Cancel"))),
  ]);
  /** @param {SubmitEvent} event */
  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    busy = true;
    fault = null;
    repaint();
    try {
      await does();
      dialog.close();
    } catch (error) {
      fault = error instanceof Error ? error : new Error(String(error));
    }
    busy = false;
    if (dialog.isConnected) repaint();
  }
  repaint();
  dialog.showModal();
  const first = element.querySelector("input, select, textarea, button");
  if (first instanceof HTMLElement) first.focus();
  return { dialog, repaint };
}

/** @param {Error} fault */
function problemList(fault) {
  const problems = fault instanceof Refused ? fault.problems : [];
  return problems.length > 0 && h("ul", { class: "problems" }, problems.slice(0, 20).map(problemRow), problems.length > 20 && h("li", null, `${problems.length - 20} more`));
}

/** @param {Problem} problem */
export const problemRow = ({ step, message }) => h("li", null, step && h("strong", null, `${step}: `), message);
