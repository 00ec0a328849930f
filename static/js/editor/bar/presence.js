/** Who else has this draft open, and that they have changed it. */

import { live } from "../../live.js";
import { h, paint } from "../elements.js";

/** @param {import("../editor.js").Editor} editor */
export function startPresence(editor) {
  const list = document.getElementById("editor-others");
  if (!list) return;
  const show = () => {
    const others = editor.session.others ?? [];
    list.hidden = others.length === 0;
    paint(list, others.map((/** @type {{name: string}} */ { name }, /** @type {number} */ place) => h("li", { key: `${name} ${place}`, class: "editor-other", title: `${name} edits this too` },
      h("span", { "aria-hidden": "true" }, name.slice(0, 2).toUpperCase()), h("span", { class: "visually-hidden" }, name))));
  };
  live.meet(`draft:${editor.data.pipeline.id}`, (others) => editor.session.setOthers(others));
  let known = 0;
  editor.session.addEventListener("presence", () => {
    show();
    const { others } = editor.session;
    if (others.length > known) editor.announce(`${others.at(-1)?.name} edits this too.`);
    known = others.length;
  });
  editor.session.addEventListener("document", (/** @type {any} */ { detail }) => {
    if (detail.own === false) editor.announce("Somebody else has changed the draft; it is merged.");
  });
  show();
}
