/** Chooses what a step runs after, from a list: the way to connect without the canvas. */

import { makeDialog } from "../../pages/dialogs.js";
import { connect, disconnect } from "../edits.js";
import { h, paint } from "../elements.js";
import { cyclePath } from "../model/graph.js";
import { stepsOf } from "../picture.js";
import { parentsByName } from "./outline_rows.js";

/** @param {import("../editor.js").Editor} editor @param {string} child */
export function openParents(editor, child) {
  const { dialog, body } = makeDialog(`${child} runs after`);
  let query = "";
  const repaint = () => {
    const { document } = editor.session;
    const parents = new Map((parentsByName(document).get(child) ?? []).map(({ name, kind }) => [name, kind]));
    const names = stepsOf(document).map(({ name }) => name).filter((name) => name !== child && name.toLowerCase().includes(query.toLowerCase()));
    paint(body, [
      h("div", { class: "stack" },
        h("label", { class: "field" }, "Search steps", h("input", { type: "search", value: query, autocomplete: "off", onInput: (/** @type {any} */ { target }) => { query = target.value; repaint(); } })),
        names.length === 0 && h("p", { class: "muted" }, "No other step fits."),
        h("ul", { class: "parents-list" }, names.map((name) => row(name, parents.get(name), document)))),
    ]);
  };
  /** @param {string} name @param {string | undefined} kind @param {any} document */
  function row(name, kind, document) {
    const circle = kind ? null : cyclePath(document, name, child);
    const why = kind === "reference" ? "by a reference in its parameters" : circle ? `would be a circle: ${circle.join(" → ")}` : "";
    return h("li", { key: name }, h("label", { class: "check" },
      h("input", {
        type: "checkbox", checked: kind !== undefined, disabled: why !== "",
        onChange: (/** @type {any} */ { target }) => {
          if (target.checked) connect(editor, name, child);
          else disconnect(editor, name, child);
          repaint();
        },
      }), h("span", null, name, why && h("span", { class: "field-help" }, why))));
  }
  repaint();
  dialog.showModal();
  body.querySelector("input")?.focus();
}
