/**
 * Name, description and tags of the pipeline. They are not part of the document and its versions, so they are saved
 * by themselves, a moment after they were typed, and are not undone with it.
 */

import { h, icon } from "../../elements.js";
import { schemaField } from "../form_model.js";
import { Form } from "../schema_form.js";

const WAITS_MS = 700;
const SCHEMAS = {
  name: { type: "string", minLength: 1 },
  description: { type: "string" },
  tags: { type: "array", items: { type: "string" }, description: "Words to find it by" },
};

/** @typedef {"name" | "description" | "tags"} Key */

export class Details {
  /** @param {import("../pipeline_panel.js").PipelinePanel} panel */
  constructor(panel) {
    this.panel = panel;
    /** @type {Record<string, any>} */
    this.known = { ...panel.place.pipeline };
    /** @type {Record<string, any>} */
    this.unsent = {};
    this.error = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.form = new Form({
      id: "pipeline-details",
      change: (path, value) => this.#change(/** @type {Key} */ (path[0]), value),
      redraw: () => panel.drawNow(),
    });
    void this.#load();
  }

  async #load() {
    try {
      const known = await this.panel.place.api.get("");
      this.known = { ...known, ...this.unsent };
      this.panel.redraw();
    } catch {
      // What the page brought along is there.
    }
  }

  /** @param {Key} key @param {any} value */
  #change(key, value) {
    const given = value ?? (key === "tags" ? [] : "");
    this.known = { ...this.known, [key]: given };
    this.unsent = { ...this.unsent, [key]: given };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#send(), WAITS_MS);
    this.panel.drawNow();
  }

  async #send() {
    const { name, ...rest } = this.unsent;
    // A pipeline without a name is not wanted; the last one stays until there is another.
    const sent = name ? this.unsent : rest;
    if (!Object.keys(sent).length) return;
    this.unsent = {};
    try {
      await this.panel.place.api.send("PATCH", "", sent);
      this.error = "";
    } catch (error) {
      this.unsent = { ...sent, ...this.unsent };
      this.error = `Not saved: ${error instanceof Error ? error.message : error}`;
    }
    this.panel.redraw();
  }

  draw() {
    const { name, description, tags } = this.known;
    const field = (/** @type {Key} */ key, /** @type {any} */ value) => ({
      ...schemaField(SCHEMAS[key], value, [key], key === "name"), fixed: true, long: key === "description",
    });
    const error = this.error ? h("div", { class: "field-error", role: "alert" }, icon("warning"), h("span", null, this.error)) : null;
    return h(
      "div", { key: "details", class: "panel-head" }, h("h2", { class: "visually-hidden" }, "Pipeline"),
      this.form.draw(field("name", name ?? "")), this.form.draw(field("description", description || undefined)),
      this.form.draw(field("tags", tags?.length ? tags : undefined)), error,
    );
  }
}
