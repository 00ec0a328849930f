/** Both sides of what two people have set differently: mine stands in the draft, theirs can be taken, one by one or all. */

import { makeDialog } from "../../pages/dialogs.js";
import { h, icon, paint } from "../elements.js";

/** @typedef {{where: readonly string[], base?: any, mine?: any, theirs?: any}} Difference */

/** @param {import("../editor.js").Editor} editor */
export function openConflict(editor) {
  const { dialog, body, heading } = makeDialog("Changed on both sides");
  dialog.classList.add("dialog-wide");
  const repaint = () => {
    const { conflict } = editor.session;
    if (!conflict?.conflicts.length) {
      dialog.close();
      return;
    }
    heading.textContent = `You and ${conflict.actor} have changed the same`;
    const settle = (/** @type {"mine" | "theirs"} */ side, /** @type {Difference} */ one) => {
      editor.session.resolve(side, one);
      repaint();
    };
    paint(body, [h("div", { class: "stack" },
      h("p", null, "Everything else is merged. Yours stands in the draft; taking theirs can be undone."),
      h("div", { class: "table-scroll" }, h("table", { class: "table conflict-table" },
        h("thead", null, h("tr", null, h("th", null, "What"), h("th", null, "Yours"), h("th", null, conflict.actor), h("th", null, h("span", { class: "visually-hidden" }, "Choose")))),
        h("tbody", null, conflict.conflicts.map((/** @type {Difference} */ one) => row(one, conflict.actor, settle))))),
      h("div", { class: "form-foot" },
        h("button", { type: "button", class: "button", onClick: () => all(editor, "mine", repaint) }, "Keep all of mine"),
        h("button", { type: "button", class: "button", onClick: () => all(editor, "theirs", repaint) }, `Take all of ${conflict.actor}'s`)))]);
  };
  repaint();
  if (dialog.isConnected) dialog.showModal();
}

/** @param {import("../editor.js").Editor} editor @param {"mine" | "theirs"} side @param {() => void} repaint */
function all(editor, side, repaint) {
  editor.session.resolve(side);
  repaint();
}

/** @param {Difference} one @param {string} actor @param {(side: "mine" | "theirs", one: Difference) => void} settle */
function row(one, actor, settle) {
  const what = one.where.filter((part) => part !== "steps").join(" › ");
  return h("tr", { key: one.where.join("\n") },
    h("th", { scope: "row" }, what), h("td", null, side(one, "mine")), h("td", null, side(one, "theirs")),
    h("td", { class: "number" }, h("div", { class: "actions" },
      h("button", { type: "button", class: "button button-small", onClick: () => settle("mine", one) }, icon("check"), "Keep mine"),
      h("button", { type: "button", class: "button button-small", onClick: () => settle("theirs", one) }, `Take ${actor}'s`))));
}

/** What one side says; a missing one has been taken away. @param {any} one @param {"mine" | "theirs"} key */
function side(one, key) {
  if (!(key in one) || one[key] === undefined) return h("em", { class: "muted" }, "taken away");
  const text = typeof one[key] === "string" ? one[key] : JSON.stringify(one[key], null, 1);
  return h("code", { class: "conflict-side" }, text.slice(0, 400));
}
