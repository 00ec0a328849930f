/** Saves the document or its picture as a file. */

import { writeYaml } from "./yaml.js";

/** @param {import("../editor.js").Editor} editor @param {"yaml" | "json" | "python" | "svg"} format */
export async function download(editor, format) {
  const { document: shown } = editor.session;
  const texts = {
    yaml: () => writeYaml(shown),
    json: () => `${JSON.stringify(shown, null, 2)}\n`,
    python: async () => (await editor.api.send("POST", "write/", { document: shown })).text,
    svg: () => editor.editing.toSVG(),
  };
  const types = { yaml: "application/yaml", json: "application/json", python: "text/x-python", svg: "image/svg+xml" };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([await texts[format]()], { type: types[format] }));
  link.download = `${editor.data.pipeline.slug}.${format === "python" ? "py" : format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  editor.announce(`${link.download} is saved among your downloads.`);
}
