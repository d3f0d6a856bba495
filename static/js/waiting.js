// Labels on their way: kept in this browser, with their keys, until the server has answered.
//
// A label is kept before it is sent, so that a page that is closed meanwhile sends it when it is
// opened again. The server takes one key once: what is sent twice is one drawing.

import { post } from "./api.js";
import { forget, recall, remember, remembered } from "./browser_store.js";
import { keepOwn } from "./own_drawings.js";

const PREFIX = "inkling.waiting."; // then the key: pages of one browser never overwrite each other's
const FIRST_PAUSE = 2_000, LONGEST_PAUSE = 60_000; // ms between two tries; each doubles it

/**
 * @typedef {object} Waiting a label as it is kept
 * @property {"train" | "collect"} path @property {string} key @property {number | "none"} digit
 * @property {string} image @property {import("./strokes.js").Stroke[]} strokes @property {number} since ms since 1970
 * @property {string} secret with which it can be deleted
 * @property {string} [refused] why the server will never take it
 */

/**
 * @typedef {object} Hooks
 * @property {(count: number, refused: string) => void} onChange how many wait, and why one is refused
 * @property {(label: Waiting, result: object) => void} onSent a label that waited was taken
 */

export class WaitingLabels {
  #hooks;
  #pause = FIRST_PAUSE;
  #timer = 0;
  #flying = new Set(); // keys that are on their way now
  /** @type {Map<string, Waiting>} by key, the oldest first */
  #kept = read();

  /** @param {Hooks} hooks */
  constructor(hooks) {
    this.#hooks = hooks;
    addEventListener("online", () => this.sendAll());
    addEventListener("storage", ({ key }) => key?.startsWith(PREFIX) && this.#readAnew());
    this.#tell();
    this.sendAll();
  }

  /**
   * Keep a label and send it; what the server has taken is one of the visitor's own drawings.
   * @param {Omit<Waiting, "since">} given
   * @returns {Promise<any>} the server's answer
   * @throws {import("./api.js").RequestError} it stays here, and is sent again by itself unless it
   *   was refused for good
   */
  async send(given) {
    const label = { since: Date.now(), ...given };
    this.#keep(label);
    this.#flying.add(label.key);
    try {
      const { path, image, digit, strokes, key, secret, since } = label;
      const result = await post(path, { imageBase64: image, digit, strokes, key, secret });
      if (secret) keepOwn({ id: result.drawing, secret, digit, strokes, given: since });
      this.#drop(key);
      this.#pause = FIRST_PAUSE;
      return result;
    } catch (error) {
      if (error.refused) this.#keep({ ...label, refused: error.message });
      else this.#tryLater();
      throw error;
    } finally {
      this.#flying.delete(label.key);
      this.#tell();
    }
  }

  /** Send all that wait, one after another; one that cannot be sent now ends it. */
  async sendAll() {
    clearTimeout(this.#timer);
    const due = [...this.#kept.values()].filter(({ key, refused }) => !refused && !this.#flying.has(key));
    for (const label of due) {
      try {
        this.#hooks.onSent(label, await this.send(label));
      } catch (error) {
        if (!error.refused) return;
      }
    }
  }

  /** Forget all that wait. */
  throwAway() {
    clearTimeout(this.#timer);
    for (const key of this.#kept.keys()) if (!this.#flying.has(key)) this.#drop(key);
    this.#tell();
  }

  #tryLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.sendAll(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  #keep(label) {
    this.#kept.set(label.key, label);
    remember(PREFIX + label.key, JSON.stringify(label));
  }

  #drop(key) {
    this.#kept.delete(key);
    forget(PREFIX + key);
  }

  /** Another page of this browser has kept some, or sent them. */
  #readAnew() {
    this.#kept = read();
    this.#tell();
  }

  #tell() {
    const waiting = [...this.#kept.values()].filter(({ key }) => !this.#flying.has(key));
    this.#hooks.onChange(waiting.length, waiting.find(({ refused }) => refused)?.refused ?? "");
  }
}

function read() {
  const found = remembered(PREFIX).map((name) => parsed(recall(name))).filter((label) => label?.key);
  return new Map(found.sort((a, b) => a.since - b.since).map((label) => [label.key, label]));
}

function parsed(kept) {
  try {
    return JSON.parse(kept);
  } catch {
    return null; // not ours
  }
}
