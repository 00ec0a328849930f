/** Opens the session of the page: the draft as the server has it, and what this browser has kept of it. */

import { Session } from "./session.js";

/** @param {any} data the page's editor-data @returns {Promise<any>} */
export async function openSession(data) {
  return new Session({ document: data.draft.document, revision: data.draft.revision });
}
