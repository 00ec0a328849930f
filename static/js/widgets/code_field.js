/**
 * <code-field>: a field for code in a form that is painted, with `value` and *input* like a textarea's.
 * The editor lives in its shadow root, where the policy lets it bring its styles.
 */

import { makeCodeView } from "../pages/code_editor.js";

class CodeField extends HTMLElement {
  static formAssociated = true;
  static observedAttributes = ["aria-invalid"];

  #text = "";
  /** @type {any} */
  #view = null;

  constructor() {
    super();
    this.attachShadow({ mode: "open", delegatesFocus: true });
    // What was put before the element was known stands on it as a plain property, and hides that of the class.
    const early = Object.getOwnPropertyDescriptor(this, "value");
    if (!early) return;
    Reflect.deleteProperty(this, "value");
    this.#text = early.value;
  }

  get value() {
    return this.#text;
  }

  set value(text) {
    if (text === this.#text) return;
    this.#text = text;
    this.#view?.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text } });
  }

  connectedCallback() {
    if (this.#view || !this.shadowRoot) return;
    const label = this.getAttribute("aria-label") ?? "Code";
    const attributes = { "aria-label": `${label}. Escape, then Tab, leaves the editor.` };
    const given = { text: this.#text, language: this.getAttribute("language") ?? "python", attributes };
    this.#view = makeCodeView(this.shadowRoot, given, (text) => {
      if (text === this.#text) return;
      this.#text = text;
      this.dispatchEvent(new Event("input", { bubbles: true }));
    });
    this.attributeChangedCallback();
  }

  attributeChangedCallback() {
    const content = this.shadowRoot?.querySelector(".cm-content");
    const invalid = this.getAttribute("aria-invalid");
    if (invalid) content?.setAttribute("aria-invalid", invalid);
    else content?.removeAttribute("aria-invalid");
  }
}

customElements.define("code-field", CodeField);
