/** The buttons of the run, once one is pressed: ask first where something ends, send, and say what became of it. */

import { confirmFirst } from "../pages/dialogs.js";
import { toast } from "../pages/toasts.js";

/** @param {HTMLFormElement} form @param {{asked: (verb: string, step: string) => void, answered: (taken: boolean) => void}} page */
export async function act(form, page) {
  const { question, verb } = form.dataset;
  if (question && !(await confirmFirst(question, verb ?? "Yes"))) return;
  const button = form.querySelector("button");
  if (button) button.disabled = true;
  let taken = false;
  try {
    const wish = new FormData(form);
    page.asked(String(wish.get("verb")), String(wish.get("step") ?? ""));
    const answer = await send(form);
    if (answer.location) location.assign(answer.location);
    else if (answer.error) toast(answer.error, "error");
    else toast(answer.told, "success");
    taken = Boolean(answer.told || answer.location);
  } catch (error) {
    toast(`That did not reach the server: ${error instanceof Error ? error.message : error}`, "error");
  } finally {
    if (button) button.disabled = false;
    page.answered(taken);
  }
}

/** @param {HTMLFormElement} form @returns {Promise<any>} */
async function send(form) {
  const response = await fetch(form.action, {
    method: "POST", body: new FormData(form), headers: { "X-Fragment": "yes" },
  });
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("application/json")) throw new Error(`it answered ${response.status}`);
  return response.json();
}
