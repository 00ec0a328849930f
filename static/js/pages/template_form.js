/** The template's form: rows of parameters are added and removed, and only the fields of a kind show. */

/** @param {Element} row @param {number} number */
function renumber(row, number) {
  for (const field of row.querySelectorAll("[name]")) {
    const name = field.getAttribute("name") ?? "";
    field.setAttribute("name", name.replace(/^spec-\d+-/, `spec-${number}-`));
  }
}

/** @param {Element} row */
function clear(row) {
  for (const field of row.querySelectorAll("input")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
    field.removeAttribute("aria-invalid");
  }
  for (const field of row.querySelectorAll("select")) field.selectedIndex = 0;
}

/** @param {HTMLElement} rows */
function addRow(rows) {
  const all = rows.querySelectorAll("[data-spec-row]");
  const row = /** @type {Element} */ (all[all.length - 1].cloneNode(true));
  clear(row);
  const numbers = [...rows.querySelectorAll("[name^=spec-]")].map((field) =>
    Number(field.getAttribute("name")?.split("-")[1]),
  );
  renumber(row, Math.max(...numbers) + 1);
  rows.append(row);
  row.querySelector("input")?.focus();
}

/** @param {HTMLElement} rows @param {Element} row */
function removeRow(rows, row) {
  if (row.nextElementSibling?.classList.contains("spec-error")) row.nextElementSibling.remove();
  if (rows.querySelectorAll("[data-spec-row]").length === 1) clear(row);
  else row.remove();
}

/** With a script rows are added when they are wanted, so one blank row is enough. @param {HTMLElement} rows */
function dropSpareRows(rows) {
  const blank = [...rows.querySelectorAll("[data-spec-row]")].filter((row) => {
    const name = row.querySelector("input");
    return name && !name.value && !name.hasAttribute("aria-invalid");
  });
  for (const row of blank.slice(1)) row.remove();
}

/** @param {HTMLFormElement} form */
function showKind(form) {
  const kind = new FormData(form).get("kind");
  for (const part of form.querySelectorAll("[data-only-for]")) {
    if (part instanceof HTMLElement) part.hidden = part.dataset.onlyFor !== kind;
  }
}

for (const form of document.querySelectorAll("form[data-template-form]")) {
  const rows = form.querySelector("[data-spec-rows]");
  if (!(form instanceof HTMLFormElement) || !(rows instanceof HTMLElement)) continue;
  dropSpareRows(rows);
  showKind(form);
  form.addEventListener("change", () => showKind(form));
  form.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-adds-row]")) addRow(rows);
    const remover = target?.closest("[data-removes-row]");
    const row = remover?.closest("[data-spec-row]");
    if (row) removeRow(rows, row);
  });
}
