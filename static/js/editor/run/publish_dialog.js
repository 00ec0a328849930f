/** Makes the draft a numbered version with a note; refused while there are errors, which are listed. */

import { toast } from "../../pages/toasts.js";
import { openForm, problemRow } from "../bar/dialog.js";
import { h, icon } from "../elements.js";

/** @typedef {import("../editor.js").Editor} Editor */

/** @param {Editor} editor */
export function open(editor) {
  let note = "";
  const errors = () => editor.session.problems.filter((/** @type {import("../api.js").Problem} */ { severity }) => severity !== "warning");
  openForm(`Publish ${editor.data.pipeline.name}`, {
    verb: "Publish",
    symbol: "upload",
    body: () => [
      h("p", { class: "muted" }, "The draft becomes a version that never changes; runs take the newest from then on."),
      errors().length > 0 && h("div", { class: "notice notice-error" }, icon("warning"),
        h("div", { class: "stack" }, h("p", null, "It cannot be published while there are errors:"),
          h("ul", { class: "problems" }, errors().slice(0, 20).map(problemRow)))),
      h("div", { class: "field" },
        h("div", { class: "field-label" }, h("label", { for: "publish-note" }, "Note"), h("span", { class: "field-kind" }, "optional: what has changed")),
        h("textarea", { id: "publish-note", rows: "3", value: note, onInput: (/** @type {any} */ { target }) => { note = target.value; } })),
    ],
    does: () => publish(editor, note, errors().length),
  });
}

/** @param {Editor} editor @param {string} note @param {number} errors */
async function publish(editor, note, errors) {
  if (errors) throw new Error(errors === 1 ? "Mend the error first." : `Mend the ${errors} errors first.`);
  await saved(editor);
  const version = await editor.api.send("POST", "publish/", { note }, ifMatch(editor));
  editor.data.latest = { number: version.number, document: version.document };
  toast(`Version ${version.number} is published.`, "success");
  (await editor.parts.versions)?.load();
}

/** What is on the screen must be what the server has. @param {Editor} editor */
export async function saved(editor) {
  await editor.session.saveNow();
  const { state } = editor.session.saving;
  if (state === "conflict") throw new Error("Somebody else has changed the draft. Settle that first.");
  if (state !== "saved") throw new Error("The draft is not saved: the server does not answer. Try again when it does.");
}

/** @param {Editor} editor */
export const ifMatch = (editor) => ({ "If-Match": `"${editor.session.revision}"` });
