// Answers that follow the pen: on this device, a frame each; until it has the nets' weights, by one
// request at a time, each with the newest picture.

import { post } from "./api.js";

const PACE = 100; // ms from one request to the next, at least

export class Live {
  #surface;
  #device;
  #show;
  #frame = 0;
  #controller = null;
  #changed = false;
  #next = 0; // when the next request may go, of performance.now()
  #timer = 0;

  /**
   * @param {{picture: string, pixels: ImageData}} surface what is drawn now, as the canvas has it
   * @param {import("./on_device.js").OnDevice} device
   * @param {(result: import("./device.js").Answer, here: boolean) => void} show what the models say of it,
   *   and whether this device does
   */
  constructor(surface, device, show) {
    this.#surface = surface;
    this.#device = device;
    this.#show = show;
  }

  /** The drawing has changed. */
  follow() {
    if (this.#device.ready) {
      this.#frame ||= requestAnimationFrame(() => this.#answer());
      return;
    }
    this.#changed = true;
    if (this.#controller || this.#timer) return;
    this.#timer = setTimeout(() => this.#ask(), Math.max(0, this.#next - performance.now()));
  }

  /** The drawing is done or gone: no answer comes any more. */
  rest() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.#controller = null;
    this.#timer = 0;
    this.#changed = false;
  }

  #answer() {
    this.#frame = 0;
    const result = this.#device.answer(this.#surface.pixels);
    if (result) this.#show(result, true);
  }

  async #ask() {
    const mine = new AbortController();
    this.#controller = mine;
    this.#timer = 0;
    this.#changed = false;
    this.#next = performance.now() + PACE;
    try {
      const result = await post("predict", { imageBase64: this.#surface.picture }, mine.signal);
      if (!mine.signal.aborted) this.#show(result, false);
    } catch {
      // What the pen draws next is asked anew; what goes wrong at the end is told then.
    }
    if (this.#controller !== mine) return;
    this.#controller = null;
    if (this.#changed) this.follow();
  }
}
