/** Asks what to run: the draft or a version, with which parameters, all of it or some steps. */

import { openForm } from "../bar/dialog.js";
import { h } from "../elements.js";
import { parameterField, valuesOf } from "./parameter_fields.js";
import { ifMatch, saved } from "./publish_dialog.js";

/**
 * @typedef {import("../editor.js").Editor} Editor
 * @typedef {{only?: string[], until?: string[]}} Part
 */

/** @param {Editor} editor @param {Part} [part] */
export function open(editor, part = {}) {
  const { latest, pipeline } = editor.data;
  let version = "draft";
  let cache = true;
  /** @type {Record<string, string>} */
  const texts = {};
  const specs = () => {
    const document = version === "draft" ? editor.session.document : latest.document;
    return Array.isArray(document?.parameters) ? document.parameters.filter((/** @type {any} */ spec) => spec?.name) : [];
  };
  const choose = (/** @type {any} */ { target }) => {
    version = target.value;
    form.repaint();
  };
  const form = openForm(titleOf(pipeline.name, part), {
    verb: "Start the run",
    symbol: "play",
    body: () => [
      partSentence(part),
      latest && h("div", { class: "field" }, h("label", { for: "run-version" }, "What"),
        h("select", { id: "run-version", value: version, onChange: choose },
          h("option", { value: "draft" }, "The draft as it is now"),
          h("option", { value: String(latest.number) }, `Version ${latest.number}, the latest`))),
      specs().length === 0 && h("p", { class: "muted" }, "It takes no parameters."),
      specs().map((/** @type {any} */ spec) => parameterField(spec, texts)),
      [editor.session.document.steps ?? []].flat().some((/** @type {any} */ step) => step?.cache) && h("label", { class: "check" },
        h("input", { type: "checkbox", onChange: (/** @type {any} */ { target }) => void (cache = !target.checked) }),
        " Without cache: execute every step"),
    ],
    does: () => start(editor, version, valuesOf(specs(), texts), part, cache),
  });
}

/** @param {Editor} editor @param {string} version @param {Record<string, any>} parameters @param {Part} part @param {boolean} cache */
async function start(editor, version, parameters, part, cache) {
  const draft = version === "draft";
  if (draft) await saved(editor);
  const body = { version: draft ? "draft" : Number(version), parameters, ...part, ...(cache ? {} : { cache }) };
  const run = await editor.api.send("POST", "runs/", body, draft ? ifMatch(editor) : {});
  const { LiveRun } = await import("./live_run.js");
  await LiveRun.show(editor, run);
}

/** @param {string} name @param {Part} part */
const titleOf = (name, { only, until }) => (only ? `Run part of ${name}` : until ? `Run ${name} up to here` : `Run ${name}`);

/** @param {Part} part */
function partSentence({ only, until }) {
  if (!only && !until) return null;
  const names = h("strong", null, (only ?? until ?? []).join(", "));
  return only
    ? h("p", null, "Only ", names, "; what it takes from other steps comes from the last run.")
    : h("p", null, "Up to ", names, " and nothing after it.");
}
