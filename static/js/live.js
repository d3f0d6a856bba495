// Answers that follow the pen: one request at a time, each with the newest picture.

import { post } from "./api.js";

const PACE = 100; // ms from one request to the next, at least

export class Live {
  #picture;
  #show;
  #controller = null;
  #changed = false;
  #next = 0; // when the next request may go, of performance.now()
  #timer = 0;

  /**
   * @param {() => string} picture what is drawn now, a data URL
   * @param {(result: object) => void} show what the models say of it
   */
  constructor(picture, show) {
    this.#picture = picture;
    this.#show = show;
  }

  /** The drawing has changed. */
  follow() {
    this.#changed = true;
    if (this.#controller || this.#timer) return;
    this.#timer = setTimeout(() => this.#ask(), Math.max(0, this.#next - performance.now()));
  }

  /** The drawing is done or gone: no answer comes any more. */
  rest() {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.#controller = null;
    this.#timer = 0;
    this.#changed = false;
  }

  async #ask() {
    const mine = new AbortController();
    this.#controller = mine;
    this.#timer = 0;
    this.#changed = false;
    this.#next = performance.now() + PACE;
    try {
      const result = await post("predict", { imageBase64: this.#picture() }, mine.signal);
      if (!mine.signal.aborted) this.#show(result);
    } catch {
      // What the pen draws next is asked anew; what goes wrong at the end is told then.
    }
    if (this.#controller !== mine) return;
    this.#controller = null;
    if (this.#changed) this.follow();
  }
}
