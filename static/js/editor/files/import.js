/** Takes a document from a file in place of the draft's: read by the server, asked about first, undone like any edit. */

import { confirmFirst } from "../../pages/dialogs.js";
import { Refused } from "../api.js";
import { stepsOf } from "../picture.js";

/** @typedef {import("../editor.js").Editor} Editor */

const LARGEST = 4 * 1024 * 1024;

/** @param {Editor} editor */
export function choose(editor) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".yaml,.yml,.json,.py,application/json,application/yaml,text/x-python";
  input.addEventListener("change", () => input.files?.[0] && void take(editor, input.files[0]));
  input.click();
}

/** @param {Editor} editor @param {File} file */
export async function take(editor, file) {
  try {
    if (file.size > LARGEST) throw new Refused(413, `${file.name} is larger than a document may be (4 MB).`);
    const { document, problems } = await editor.api.send("POST", "read/", { text: await file.text() });
    if (!(await isWanted(editor, file.name))) return;
    editor.session.replace(document, `Import ${file.name}`);
    editor.editing.fitTo(null);
    editor.announce(`${file.name} imported: ${stepsOf(document).length} steps.`);
    const left = /** @type {import("../api.js").Problem[]} */ (problems).filter(({ code }) => code === "not_taken").map(({ line, message }) => `line ${line}: ${message}`);
    if (left.length) editor.refuse(`Not all of ${file.name} is taken: ${left.slice(0, 3).join("; ")}`);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const problems = error instanceof Refused ? error.problems.map(({ message }) => message).filter((message) => !said.includes(message)) : [];
    editor.fail(`${file.name} is not imported: ${[said, ...problems.slice(0, 3)].join("; ")}`);
  }
}

/** What there is would be replaced. @param {Editor} editor @param {string} name */
async function isWanted(editor, name) {
  const count = stepsOf(editor.session.document).length;
  if (!count) return true;
  const what = count === 1 ? "the step" : `the ${count} steps`;
  return confirmFirst(`Replace ${what} of this draft by ${name}? Undo brings them back.`, "Replace");
}
