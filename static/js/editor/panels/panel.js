/** What panels have in common: they show what the session says, once a frame at most, and only while they are shown. */

import { toast } from "../../pages/toasts.js";
import { paint } from "../elements.js";
import { NotPossible } from "../model/document.js";
import { setField } from "../model/commands.js";
import { LastValues } from "./last_values.js";
import { ReferencePicker } from "./reference_picker.js";
import { Templates } from "./templates.js";

/**
 * @typedef {import("../session.js").Session} Session
 * @typedef {import("../elements.js").Given} Given
 * @typedef {import("./schema_form.js").Complaint} Complaint
 * @typedef {{get: (path: string) => Promise<any>, send: (method: string, path: string, body?: any, headers?: Record<string, string>) => Promise<any>}} Api
 * @typedef {{element: HTMLElement, api: Api, schema: Record<string, any>, pipeline: any, announce?: (sentence: string) => void,
 *   goTo?: (step: string, field?: string) => void, preview?: (document: any, marks?: any) => void,
 *   shownAt?: (name: string) => readonly [number, number] | null, runUrl?: (version: number) => string}} Place where the
 *   panel stands; `shownAt`: where the canvas draws a step, `runUrl`: the form to run a version
 */

const HEARD = ["document", "selection", "problems", "catalog"];

export class Panel {
  /** @param {Session} session @param {Place} place */
  constructor(session, place) {
    this.session = session;
    this.place = place;
    this.element = place.element;
    this.schema = place.schema;
    this.shown = false;
    this.due = 0;
    this.templates = Templates.of(session, place);
    this.lastValues = LastValues.of(session, place.api);
    this.picker = new ReferencePicker(this);
    for (const type of HEARD) session.addEventListener(type, () => this.redraw());
    for (const source of [this.templates, this.lastValues]) source.addEventListener("news", () => this.redraw());
  }

  show() {
    this.shown = true;
    this.element.hidden = false;
    this.drawNow();
  }

  hide() {
    this.shown = false;
    this.element.hidden = true;
  }

  redraw() {
    if (this.shown && !this.due) this.due = requestAnimationFrame(() => this.drawNow());
  }

  drawNow() {
    cancelAnimationFrame(this.due);
    this.due = 0;
    if (this.shown) withFocusNear(this.element, () => paint(this.element, this.draw()));
  }

  /** What is to be seen. @returns {Given[]} */
  draw() {
    return [];
  }

  /**
   * Does something that can be undone; what is not possible is said.
   * @param {string} label @param {(document: any) => any} change @param {{coalesce?: string | null, select?: any}} [options]
   */
  perform(label, change, options) {
    try {
      this.session.perform(label, change, options);
    } catch (error) {
      if (!(error instanceof NotPossible)) throw error;
      toast(error.message, "error");
    }
    // Also when nothing has changed: what was typed may differ from what is said.
    this.drawNow();
  }

  /** @param {string} step @param {string} [field] */
  goTo(step, field) {
    this.place.goTo?.(step, field);
  }

  /** A problem with its fix: a change, or the way to the field that only its author can fill in. @param {import("../session.js").Problem} problem @returns {Complaint} */
  complaint({ message, fix }) {
    if (!fix) return { message };
    const asked = /** @type {(string | number)[] | undefined} */ (/** @type {any} */ (fix).ask);
    if (asked) return { message, fix: { label: fix.label, act: () => this.focusField(asked.slice(asked[0] === "steps" ? 2 : 0).join(".")) } };
    const change = (/** @type {any} */ document) => fix.set.reduce((result, { path, value }) => setField(result, path, value), document);
    return { message, fix: { label: fix.label, act: () => this.perform(fix.label, change) } };
  }

  /** Puts the focus on a field, as problems name it. @param {string} _path @returns {boolean} whether it is here */
  focusField(_path) {
    return false;
  }

  /** Puts the focus on a control. @param {string} id the control's, or the beginning of it */
  focusId(id) {
    this.drawNow();
    const found = document.getElementById(id);
    for (let above = found?.parentElement; above; above = above.parentElement) {
      if (above instanceof HTMLDetailsElement) above.open = true;
    }
    found?.focus();
    found?.scrollIntoView({ block: "center" });
    return Boolean(found);
  }
}

const FOCUSABLE = "input, select, textarea, button, summary, a[href]";

/** Whoever pressed what is gone then goes on from next to it. @param {HTMLElement} element @param {() => void} draw */
function withFocusNear(element, draw) {
  const focused = document.activeElement;
  const above = [];
  for (let one = focused; one && one !== element; one = one.parentElement) above.push(one);
  const inside = focused && element.contains(focused);
  draw();
  if (!inside || focused.isConnected) return;
  const place = [...above, element].find((one) => one.isConnected && one.querySelector(FOCUSABLE));
  const near = place?.querySelector(FOCUSABLE);
  if (near instanceof HTMLElement) near.focus({ preventScroll: true });
}
