/** What somebody has changed in the sheet's form, as the REST interface takes it; and where its answer finds fault. */

/** @typedef {import("../../editor/api.js").Problem} Problem */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Input */

/** @param {Element} field @returns {Input | null} */
const inputOf = (field) => field.querySelector("input, select, textarea");

/** @param {Input} input */
function isChanged(input) {
  if (input instanceof HTMLInputElement && input.type === "checkbox") return input.checked !== input.defaultChecked;
  if (!(input instanceof HTMLSelectElement)) return input.value !== input.defaultValue;
  const was = [...input.options].find((option) => option.defaultSelected) ?? input.options[0];
  return input.value !== was?.value;
}

/** A text stays a text; of others the server says what they must be. @param {Input} input @param {string} kind */
export function valueOf(input, kind) {
  if (input instanceof HTMLInputElement && input.type === "checkbox") return input.checked;
  if (kind === "string") return input.value;
  try {
    return JSON.parse(input.value);
  } catch {
    return input.value;
  }
}

/** Only what differs from what the step has now. @param {HTMLElement} form @param {string} step */
export function changesIn(form, step) {
  /** @type {Record<string, any>} */
  const parameters = {};
  for (const field of form.querySelectorAll("[data-parameter]")) {
    const input = inputOf(field);
    if (!(field instanceof HTMLElement) || !input || !isChanged(input)) continue;
    parameters[field.dataset.parameter ?? ""] = valueOf(input, field.dataset.kind ?? "");
  }
  /** @type {Record<string, any>} */
  const changes = {};
  if (Object.keys(parameters).length) changes.parameters = { [step]: parameters };
  const version = form.querySelector("#rerun-version");
  if (version instanceof HTMLSelectElement && version.value !== version.dataset.now) changes.version = { [step]: Number(version.value) };
  const queue = form.querySelector("#rerun-queue");
  if (queue instanceof HTMLSelectElement && queue.value) changes.queue = queue.value;
  if (isTicked(form, "#rerun-reset")) changes.reset_overrides = true;
  if (isTicked(form, "#rerun-uncached")) changes.cache = false;
  return changes;
}

/** @param {HTMLElement} form @param {string} box */
function isTicked(form, box) {
  const input = form.querySelector(box);
  return input instanceof HTMLInputElement && input.checked;
}

/** Says beside each field what is wrong with it. @param {HTMLElement} form @param {Problem[]} problems @returns {string[]} what belongs to no field */
export function showProblems(form, problems) {
  for (const old of form.querySelectorAll(".field-error")) old.remove();
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  return problems.filter((problem) => !showAt(form, problem)).map(({ message }) => message);
}

/** @param {HTMLElement} form @param {Problem} problem */
function showAt(form, { where, message }) {
  const field = [...form.querySelectorAll("[data-parameter]")].find((one) => where.endsWith(`.${one.getAttribute("data-parameter")}`));
  const input = field && inputOf(field);
  if (!field || !input) return false;
  input.setAttribute("aria-invalid", "true");
  const about = field.querySelector(`[id$="-about"]`) ?? field;
  about.append(Object.assign(document.createElement("p"), { className: "field-error", textContent: message }));
  return true;
}
