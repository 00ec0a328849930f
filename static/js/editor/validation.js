/**
 * Asks the server what is wrong with the document as it is now: a moment after the last edit, one question at a
 * time, the newest only. Problems come in plain words, with a fix where one is obvious.
 */

import { Refused, ask } from "./api.js";
import { pipelineKey } from "./model/document.js";

const GATHERS_MS = 200;
const RETRIES_MS = 3000;

export class Validation {
  /**
   * @param {{session: any, url: string, ask?: typeof ask, onState?: (state: "asking" | "known" | "unknown") => void}} around
   */
  constructor({ session, url, ask: question = ask, onState = () => {} }) {
    this.session = session;
    this.url = url;
    this.ask = question;
    this.onState = onState;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | null} */
    this.asking = null;
    session.addEventListener("document", () => this.soon());
  }

  soon() {
    this.onState("asking");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.now(), GATHERS_MS);
  }

  /** At once; what an older question answers no longer counts. @returns {Promise<boolean>} whether the answer came */
  async now() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    this.onState("asking");
    try {
      const answer = await this.#answer(asking.signal);
      if (this.asking !== asking) return false;
      this.session.setProblems(answer.problems, answer.templates && { ...answer.templates, ...nested(answer.pipelines ?? {}) });
      this.onState("known");
      return true;
    } catch {
      if (this.asking !== asking) return false;
      this.onState("unknown");
      // What stands in the way is said by the save badge; here it is only tried again.
      this.timer = setTimeout(() => void this.now(), RETRIES_MS);
      return false;
    }
  }

  /** A document that the server does not even take is a finding too. @param {AbortSignal} signal */
  async #answer(signal) {
    try {
      return await this.ask(this.url, { method: "POST", body: { document: this.session.document }, signal });
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500 || [401, 403, 404, 429].includes(error.status)) throw error;
      const { code, message, problems } = error;
      return { problems: problems.length ? problems : [{ where: "document", step: null, code, message }] };
    }
  }
}

/** Pipelines beside templates: a name may be that of both. @param {Record<string, any>} pipelines */
const nested = (pipelines) => Object.fromEntries(Object.entries(pipelines).map(([name, facts]) => [pipelineKey(name), facts]));
