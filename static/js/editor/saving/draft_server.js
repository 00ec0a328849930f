/** The draft over REST, its answers in the plan's words. */

import { ask, Refused } from "../api.js";

/**
 * @typedef {import("./saver.js").Server} Server
 * @typedef {import("./plan.js").Failure} Failure
 */

const LONGEST_MS = 20_000;
/** What a browser sends at most for a page that is being left. */
const PARTING_BYTES = 60_000;
const NOT_YOURS = [401, 403, 404];
const BUSY = [408, 425, 429];

/** @param {string} url of the draft @returns {Server} */
export const draftServer = (url) => ({
  async put(document, revision) {
    const body = { document };
    const keepalive = new TextEncoder().encode(JSON.stringify(body)).length < PARTING_BYTES;
    const headers = { "If-Match": `"${revision}"`, Prefer: "return=minimal" };
    try {
      const answer = await ask(url, { method: "PUT", body, headers, keepalive, signal: AbortSignal.timeout(LONGEST_MS) });
      return { kind: "saved", revision: answer.revision };
    } catch (error) {
      if (error instanceof Refused && error.status === 412) return { kind: "outrun" };
      return failure(error, "document");
    }
  },

  async get(known) {
    const headers = { "If-None-Match": `"${known}"` };
    try {
      const draft = await ask(url, { headers, signal: AbortSignal.timeout(LONGEST_MS) });
      return { kind: "draft", draft };
    } catch (error) {
      if (error instanceof Refused && error.status === 304) return { kind: "unchanged" };
      return failure(error, "busy");
    }
  },
});

/**
 * @param {unknown} error @param {Failure} otherwise what a refusal means that is about neither rights nor time
 * @returns {{kind: "failed", failure: Failure, reason: string}}
 */
function failure(error, otherwise) {
  if (!(error instanceof Refused)) return { kind: "failed", failure: "offline", reason: "" };
  const { status, message } = error;
  const reason = status === 401 ? "Sign in again to save." : message;
  if (NOT_YOURS.includes(status)) return { kind: "failed", failure: "rights", reason };
  const isBusy = status >= 500 || BUSY.includes(status);
  return { kind: "failed", failure: isBusy ? "busy" : otherwise, reason };
}
