/** The Run form: what is typed goes into the snippets for curl and Python at once. */

/** @param {HTMLElement} field */
function valueOf(field) {
  const input = field.querySelector("input, select, textarea");
  if (input instanceof HTMLInputElement && input.type === "checkbox") return input.checked;
  if (
    !(
      input instanceof HTMLInputElement ||
      input instanceof HTMLSelectElement ||
      input instanceof HTMLTextAreaElement
    )
  ) {
    return null;
  }
  const text = input.value;
  if (field.dataset.kind === "string") return text;
  if (!text.trim()) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {HTMLFormElement} form */
function parametersOf(form) {
  /** @type {Record<string, unknown>} */
  const parameters = {};
  for (const field of form.querySelectorAll("[data-parameter]")) {
    if (!(field instanceof HTMLElement)) continue;
    const value = valueOf(field);
    if (value !== null) parameters[field.dataset.parameter ?? ""] = value;
  }
  return parameters;
}

/** @param {string} text */
export function quotedForShell(text) {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** @param {string} text */
export function quotedForPython(text) {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** @param {HTMLFormElement} form */
export function refresh(form) {
  const without = form.querySelector("[name=without_cache]");
  const cache = without instanceof HTMLInputElement && without.checked ? { cache: false } : {};
  const body = JSON.stringify({ parameters: parametersOf(form), ...JSON.parse(form.dataset.body ?? "{}"), ...cache });
  const curl = form.querySelector("#snippet-curl");
  if (curl?.textContent) {
    const start = curl.textContent.indexOf("  -d ");
    curl.textContent = `${curl.textContent.slice(0, start)}  -d ${quotedForShell(body)}`;
  }
  const python = form.querySelector("#snippet-python");
  if (python?.textContent) {
    python.textContent = python.textContent.replace(
      /^body = .*$/m,
      () => `body = json.loads(${quotedForPython(body)})`,
    );
  }
}
