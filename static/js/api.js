// The server's JSON endpoints: a body in, an answer out, and every failure as a sentence to show.

import { text } from "./texts.js";

const TIMEOUT = 15_000; // ms
const LATER = [408, 429]; // statuses that mean: not now

/** A failure whose message says what is wrong and what to do about it. */
export class RequestError extends Error {
  /** @param {string} message @param {number} [status] of the server's answer; 0: there was none */
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }

  /** @returns {boolean} whether the server will refuse the same again */
  get refused() {
    return this.status >= 400 && this.status < 500 && !LATER.includes(this.status);
  }
}

/**
 * Post JSON and wait for the JSON that comes back.
 * @param {string} path relative to the site, as "predict"
 * @param {object} body
 * @param {AbortSignal} [signal] gives up silently: the promise is rejected with an AbortError
 * @returns {Promise<any>}
 * @throws {RequestError}
 */
export function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, signal);
}

/**
 * Get the JSON at an address.
 * @param {string} path relative to the site, as "drawings/<id>"
 * @param {AbortSignal} [signal] as for `post`
 * @returns {Promise<any>}
 * @throws {RequestError}
 */
export function get(path, signal) {
  return ask(path, {}, signal);
}

async function ask(path, options, signal) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), TIMEOUT);
  const pass = () => timeout.abort();
  signal?.addEventListener("abort", pass);
  try {
    return await exchange(path, { ...options, signal: timeout.signal });
  } catch (error) {
    throw inWords(error, timeout.signal.aborted, signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", pass);
  }
}

async function exchange(path, options) {
  const response = await fetch(path, options);
  const answer = parse(await response.text());
  if (response.ok && answer) return answer;
  throw new RequestError(
    answer?.error ?? text("The server answered {status}. Wait a moment, then try again.", { status: response.status }),
    response.status,
  );
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function inWords(error, stopped, signal) {
  if (error instanceof RequestError || signal?.aborted) return error;
  if (stopped) return new RequestError(text("The server took too long. Wait a moment, then try again."));
  return new RequestError(text("Could not reach the server. Check your connection, then try again."));
}
