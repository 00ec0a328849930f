/** The right side: the properties of what is selected, and of the whole pipeline when nothing is. */

/**
 * @typedef {import("../editor.js").Editor} Editor
 * @typedef {"pipeline_panel" | "step_panel"} Which
 */

/** @param {string} name @returns {Promise<any>} */
const load = (name) => import(`./${name}.js`);
const CLASSES = { pipeline_panel: "PipelinePanel", step_panel: "StepPanel" };

export class Properties {
  /** @param {Editor} editor @param {HTMLElement} element @param {HTMLElement} tab */
  constructor(editor, element, tab) {
    this.editor = editor;
    this.element = element;
    this.tab = tab;
    /** @type {Partial<Record<Which, Promise<any>>>} */
    this.panels = {};
    element.addEventListener("panel-say", (event) => editor.announce(/** @type {CustomEvent} */ (event).detail.sentence));
    for (const event of ["selection", "document"]) editor.session.addEventListener(event, () => void this.show());
    editor.session.addEventListener("looking", () => { element.inert = editor.looking; });
    void this.show();
  }

  /** @returns {Promise<any>} the panel that is shown */
  async show() {
    const wanted = this.#wanted();
    this.tab.textContent = this.#title();
    const panel = await this.#panel(wanted);
    // Meanwhile something else may have been selected.
    if (wanted !== this.#wanted()) return this.#panel(this.#wanted());
    for (const [which, other] of Object.entries(this.panels)) if (which !== wanted) void other.then((one) => one.hide());
    if (!panel.shown) panel.show();
    return panel;
  }

  /** @returns {Which} */
  #wanted() {
    const { steps, edges, notes } = this.editor.session.selection;
    return steps.size + edges.size + notes.size ? "step_panel" : "pipeline_panel";
  }

  #title() {
    const { steps, edges, notes } = this.editor.session.selection;
    if (steps.size) return steps.size > 1 ? `${steps.size} steps` : "Step";
    return edges.size ? "Connection" : notes.size ? "Note" : "Pipeline";
  }

  /** @param {Which} which */
  #panel(which) {
    this.panels[which] ??= load(which).then((module) => {
      const element = document.createElement("div");
      this.element.append(element);
      return new module[CLASSES[which]](this.editor.session, this.#around(element));
    });
    return this.panels[which];
  }

  /** @param {string} field as problems write it, after the step; empty for the first */
  async focusField(field) {
    (await this.show()).focusField?.(field);
  }

  async rename() {
    this.editor.showPanel("properties");
    (await this.show()).rename?.();
  }

  /** The versions are looked at beside the canvas. @param {HTMLElement} element */
  async versionsIn(element) {
    const { VersionsPanel } = await load("versions");
    return new VersionsPanel(this.editor.session, this.#around(element));
  }

  /** @param {HTMLElement} element */
  #around(element) {
    const { editor } = this;
    return {
      element, api: editor.api, schema: editor.data.schema, pipeline: editor.data.pipeline, urls: editor.data.urls,
      announce: (/** @type {string} */ sentence) => editor.announce(sentence),
      goTo: (/** @type {string} */ step, /** @type {string | undefined} */ field) => void editor.goTo(step, field),
      preview: (/** @type {any} */ document, /** @type {any} */ changed) => editor.preview(document, changed),
      runUrl: (/** @type {string | number} */ version) => `${editor.data.urls.run_form}?version=${version}`,
      shownAt: (/** @type {string} */ name) => editor.placeOf(name),
    };
  }
}
