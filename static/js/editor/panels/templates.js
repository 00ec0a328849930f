/**
 * What is known of templates, and of pipelines that may be nested: their parameters and versions. The session's catalog
 * first, then what the palette offers.
 */

import { pipelineKey } from "../model/document.js";

/**
 * @typedef {import("../session.js").Session} Session
 * @typedef {import("./form_model.js").Spec} Spec
 * @typedef {{title: string, project: string, version: number, versions: number[], parameters: Spec[],
 *   older: Record<string, Spec[]>, outputs?: string[], page: string}} Template
 */

/** @type {WeakMap<Session, Templates>} */
const known = new WeakMap();

export class Templates extends EventTarget {
  /** The same for all panels of a session. @param {Session} session @param {import("./panel.js").Place} place */
  static of(session, place) {
    const found = known.get(session) ?? new Templates(session, place);
    known.set(session, found);
    return found;
  }

  /** @param {Session} session @param {import("./panel.js").Place} place */
  constructor(session, { api, pipeline }) {
    super();
    this.session = session;
    this.api = api;
    this.project = pipeline?.project ?? "";
    /** @type {Map<string, any>} */
    this.offered = new Map();
    /** @type {string[]} */
    this.nestable = [];
    this.asked = false;
    this.waiting = false;
  }

  /** What a step is made of, if it is known by now. @param {import("../model/document.js").Step | undefined} step @returns {Template | null} */
  ofStep(step) {
    if (step?.kind !== "pipeline") return this.named(step?.template);
    return typeof step.pipeline === "string" && step.pipeline ? this.named(pipelineKey(step.pipeline)) : null;
  }

  /** The pipelines that may be nested, as the document writes them. @returns {string[]} */
  get pipelines() {
    void this.#ask();
    return this.nestable;
  }

  /** The template of that name, if it is known by now. @param {any} name as documents write it @returns {Template | null} */
  named(name) {
    if (typeof name !== "string" || !name) return null;
    const found = this.#inCatalog(name) ?? this.offered.get(this.#whole(name));
    if (!found) void this.#ask();
    return found ? filled(found, this.#whole(name)) : null;
  }

  /** @param {string} name */
  #inCatalog(name) {
    const catalog = /** @type {any} */ (this.session.catalog?.templates ?? this.session.catalog ?? {});
    return catalog[name] ?? catalog[this.#whole(name)] ?? null;
  }

  /** @param {string} name */
  #whole(name) {
    const [, kind, rest] = /** @type {RegExpExecArray} */ (/^(pipeline:)?(.*)$/s.exec(name));
    return `${kind ?? ""}${rest.includes("/") ? rest : `${this.project}/${rest}`}`;
  }

  async #ask() {
    if (this.asked) return;
    this.asked = true;
    this.waiting = true;
    try {
      const { results } = await this.api.get("palette/");
      for (const one of results) if (one.template) this.offered.set(this.#whole(one.template), one);
      this.nestable = results.filter((/** @type {any} */ one) => one.pipeline).map((/** @type {any} */ one) => one.pipeline);
    } catch {
      // Without it parameters are shown by name and value; asked again in a while.
      setTimeout(() => (this.asked = false), 10_000);
    }
    this.waiting = false;
    this.dispatchEvent(new Event("news"));
  }
}

/** @param {any} facts @param {string} name @returns {Template} */
function filled(facts, name) {
  const version = facts.version ?? 1;
  return {
    title: facts.title ?? facts.name ?? name, project: facts.project ?? name.split("/")[0], version,
    outputs: facts.outputs, versions: facts.versions ?? Array.from({ length: version }, (_, place) => place + 1),
    parameters: facts.parameters ?? [], older: facts.older ?? {}, page: facts.page ?? `/templates/${name}/`,
  };
}

/** What the version that a step asks for takes. @param {Template} template @param {any} version @returns {Spec[]} */
export const parametersOf = (template, version) =>
  (typeof version === "number" && template.older[String(version)]) || template.parameters;

/** The newer version that a pinned step could take. @param {Template | null} template @param {any} version @returns {number | null} */
export const newerThan = (template, version) =>
  template && typeof version === "number" && version < template.version ? template.version : null;
