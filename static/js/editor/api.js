/** Asks over REST as the page's user; an answer that is an error becomes one that can be shown. */

/**
 * @typedef {{where: string, step?: string | null, code: string, message: string, severity?: string, line?: number,
 *   fix?: {label: string, set: {path: (string | number)[], value?: any}[]}}} Problem
 */

/** What the server refused, in its words. */
export class Refused extends Error {
  /** @param {number} status @param {string} message @param {Problem[]} [problems] @param {string} [code] */
  constructor(status, message, problems = [], code = "") {
    super(message);
    this.status = status;
    this.problems = problems;
    this.code = code;
  }
}

/**
 * @param {string} url
 * @param {{method?: string, body?: any, headers?: Record<string, string>, signal?: AbortSignal, keepalive?: boolean}} [options] `keepalive`: it is sent even when the page is left
 * @returns {Promise<any>} the answer's JSON
 */
export async function ask(url, { method = "GET", body, headers = {}, signal, keepalive = false } = {}) {
  const response = await fetch(url, {
    method,
    signal,
    keepalive,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: {
      Accept: "application/json",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(method === "GET" ? {} : { "X-CSRFToken": csrfToken() }),
      ...headers,
    },
  });
  const type = response.headers.get("Content-Type") ?? "";
  const answer = /[/+]json/.test(type) ? await response.json() : null;
  if (response.ok) return answer;
  const said = answer?.detail ?? `The server answered ${response.status}.`;
  throw new Refused(response.status, said, answer?.problems ?? [], answer?.code);
}

/**
 * The same for one pipeline, with addresses from there on.
 * @param {string} base ends with a slash
 */
export const apiOf = (base) => ({
  /** @param {string} path */
  get: (path) => ask(base + path),
  /** @param {string} method @param {string} path @param {any} [body] @param {Record<string, string>} [headers] */
  send: (method, path, body, headers) => ask(base + path, { method, body, headers }),
});

function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
}
