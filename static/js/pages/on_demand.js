/**
 * What a page needs only when somebody does something is fetched then: dialogs, copying, the Run form's snippets,
 * the choosing of rows, and the following of what happens, where a page has regions that follow.
 */

const HANDLED = "[data-opens], [data-closes], dialog[open], a[data-dialog]";

/** @param {MouseEvent} event */
function onClick(event) {
  const target = event.target instanceof Element ? event.target : null;
  closeMenus(target);
  const copies = target?.closest("[data-copies]");
  if (copies instanceof HTMLElement) void import("./copying.js").then(({ copyOf }) => copyOf(copies));
  const link = target?.closest("a[data-dialog]");
  const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
  if (link && !plain) return;
  // Before anything is fetched: afterwards the browser has followed the link.
  if (link) event.preventDefault();
  if (target?.closest(HANDLED)) void import("./dialogs.js").then(({ press }) => press(target));
}

/** @param {SubmitEvent} event */
function onSubmit(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.confirm) return;
  event.preventDefault();
  const button = event.submitter;
  void import("./dialogs.js").then(({ askAndSend }) => askAndSend(form, button));
}

/** @param {Event} event */
function onInput(event) {
  const form = event.target instanceof Element ? event.target.closest("form[data-run-form]") : null;
  if (form instanceof HTMLFormElement) void import("./run_form.js").then(({ refresh }) => refresh(form));
}

/** Menus that are open, but for the one in which something was pressed. @param {Element | null} target */
function closeMenus(target) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!target || !menu.contains(target)) menu.removeAttribute("open");
  }
}

/** Escape closes an open menu before anything else. @param {KeyboardEvent} event */
function onKey(event) {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  event.preventDefault();
  closeMenus(null);
  menu.querySelector("summary")?.focus();
}

export function startOnDemand() {
  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  for (const kind of ["input", "change"]) document.addEventListener(kind, onInput);
  const choice = document.querySelector("form[data-choose]");
  if (choice instanceof HTMLFormElement) void import("./choosing.js").then(({ startChoosing }) => startChoosing(choice));
  if (document.querySelector("[data-live][id]")) void import("./live_page.js").then(({ startLivePage }) => startLivePage());
}
