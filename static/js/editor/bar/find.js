/** The box that finds steps: what fits is lit while one types, Enter goes from one to the next. */

import { stepsOf, subtitleOf } from "../picture.js";

/** @param {import("../editor.js").Editor} editor */
export function startFinding(editor) {
  const box = document.getElementById("editor-find");
  if (!(box instanceof HTMLInputElement)) return;
  const found = () => {
    const words = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    return stepsOf(editor.session.document).flatMap((step, index) => {
      const text = `${step.name} ${subtitleOf(step)} ${step.comment ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word)) ? [index] : [];
    });
  };
  const light = () => {
    const indexes = found();
    const mask = new Uint8Array(stepsOf(editor.session.document).length);
    for (const index of indexes) mask[index] = 1;
    editor.graph.light(box.value.trim() ? mask : null);
    if (box.value.trim()) editor.announce(indexes.length === 1 ? "1 step found." : `${indexes.length} steps found.`);
  };
  let at = -1;
  box.addEventListener("input", () => {
    at = -1;
    light();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      box.value = "";
      light();
      const name = editor.onlySelected;
      if (name) editor.focus(name);
      else editor.graph.focusNode(editor.graph.scene.current);
    } else if (event.key === "Enter") {
      const indexes = found();
      if (!indexes.length) return;
      at = (at + (event.shiftKey ? -1 : 1) + indexes.length) % indexes.length;
      editor.select([editor.nameOf(indexes[at])], true);
    }
  });
  editor.session.addEventListener("document", () => box.value && light());
}
