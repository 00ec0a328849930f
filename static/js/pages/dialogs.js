/**
 * Buttons that open a dialog of the page (on_demand.js hears them), links that open a page in a dialog, and confirmations.
 *
 *   <button data-opens="keys-dialog">          opens <dialog id="keys-dialog">
 *   <button data-closes>                       closes the dialog that it stands in
 *   <a href="…/run/" data-dialog>              shows that page's <main> in a dialog; plain link without JS
 *   <form data-confirm="Delete token x?">      asks before it is sent
 */
import { toast } from "./toasts.js";

/** @param {HTMLDialogElement} dialog */
function open(dialog) {
  if (!dialog.open) dialog.showModal();
}

/** @param {string} className @param {string} text */
function element(className, text = "", tag = "div") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/**
 * A dialog with a title and a close button; it leaves the page when it is closed.
 * @param {string} title
 */
export function makeDialog(title) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const head = element("dialog-head");
  const heading = element("", title, "h2");
  heading.id = `dialog-${crypto.randomUUID()}`;
  dialog.setAttribute("aria-labelledby", heading.id);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button-quiet button-icon";
  close.dataset.closes = "";
  close.setAttribute("aria-label", "Close");
  close.textContent = "✕";
  head.append(heading, close);
  const body = element("dialog-body");
  dialog.append(head, body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  return { dialog, body, heading };
}

/**
 * Asks a yes-or-no question that names its object.
 * @param {string} question @param {string} verb @returns {Promise<boolean>}
 */
export function confirmFirst(question, verb = "Yes") {
  const { dialog, body } = makeDialog("Are you sure?");
  const foot = element("form-foot");
  const yes = /** @type {HTMLButtonElement} */ (element("button button-danger", verb, "button"));
  const no = /** @type {HTMLButtonElement} */ (element("button", "Cancel", "button"));
  foot.append(yes, no);
  const stack = element("stack");
  stack.append(element("", question, "p"), foot);
  body.append(stack);
  return new Promise((resolve) => {
    yes.addEventListener("click", () => {
      resolve(true);
      dialog.close();
    });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => resolve(false));
    dialog.showModal();
    no.focus();
  });
}

/** @param {Response} response */
async function mainOf(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { main: page.querySelector("main"), title: page.title };
}

/** @param {string} url @param {RequestInit} [options] */
function fetchFragment(url, options = {}) {
  return fetch(url, { ...options, headers: { "X-Fragment": "dialog", ...options.headers } });
}

/**
 * Shows a page's <main> in a dialog. A form in it is sent from there: an answer that leads
 * elsewhere is followed, one with errors replaces what is shown.
 * @param {string} url
 */
export async function openPage(url) {
  const response = await fetchFragment(url);
  if (response.redirected) {
    // Signed out meanwhile: that page is one of its own.
    location.assign(url);
    return;
  }
  const { main, title } = await mainOf(response);
  if (!main) throw new Error("The page did not answer with content.");
  const { dialog, body, heading } = makeDialog(title);
  fill(body, main, heading);
  dialog.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
    event.preventDefault();
    void send(form, event.submitter, body, heading).catch(report);
  });
  dialog.showModal();
  focusFirst(body);
}

/** @param {Element} body @param {Element} main @param {Element} heading */
function fill(body, main, heading) {
  const title = main.querySelector("h1");
  if (title) {
    heading.textContent = title.textContent?.trim() ?? "";
    (title.closest(".page-head") ?? title).remove();
  }
  main.querySelector(".crumbs")?.remove();
  const stack = element("stack");
  stack.append(...main.children);
  body.replaceChildren(stack);
}

/** @param {Element} body */
function focusFirst(body) {
  const wrong = body.querySelector("[aria-invalid=true]");
  const first = body.querySelector("[autofocus], input:not([type=hidden]), select, textarea");
  const target = wrong ?? first;
  if (target instanceof HTMLElement) target.focus();
}

/**
 * @param {HTMLFormElement} form @param {HTMLElement | null} button
 * @param {Element} body @param {Element} heading
 */
async function send(form, button, body, heading) {
  // With the button that was pressed: a form may have several, and one that is disabled is not sent.
  const sent = new FormData(form, button);
  if (button instanceof HTMLButtonElement) button.disabled = true;
  try {
    const response = await fetchFragment(form.action, { method: "POST", body: sent });
    if (response.redirected) {
      location.assign(response.url);
      return;
    }
    const { main } = await mainOf(response);
    if (!main) throw new Error(`The server answered ${response.status}.`);
    fill(body, main, heading);
    focusFirst(body);
  } finally {
    if (button instanceof HTMLButtonElement) button.disabled = false;
  }
}

/** @param {unknown} error */
function report(error) {
  toast(error instanceof Error ? error.message : String(error), "error");
}

/** What was pressed opens or closes a dialog. @param {Element} target */
export function press(target) {
  const opener = target.closest("[data-opens]");
  if (opener instanceof HTMLElement) {
    const dialog = document.getElementById(opener.dataset.opens ?? "");
    if (dialog instanceof HTMLDialogElement) open(dialog);
    return;
  }
  if (target.closest("[data-closes]")) {
    target.closest("dialog")?.close();
    return;
  }
  // A press on the backdrop lands on the dialog itself.
  if (target instanceof HTMLDialogElement && target.open) {
    target.close();
    return;
  }
  const link = target.closest("a[data-dialog]");
  if (link instanceof HTMLAnchorElement) {
    openPage(link.href).catch((error) => {
      report(error);
      location.assign(link.href);
    });
  }
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} button */
export async function askAndSend(form, button) {
  if (await confirmFirst(form.dataset.confirm ?? "", button?.textContent?.trim() || "Yes")) form.submit();
}
