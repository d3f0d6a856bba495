// The models on the visitor's device, fetched when the page is there; until then the server answers alone.

const PAUSE = 60_000; // ms from one look for newer weights to the next
const ROUNDING = 0.001; // the server rounds to four places

/** @typedef {import("./device.js").Answer} Answer */

export class OnDevice {
  /** @type {import("./device.js").Device} */
  #device = null;
  #looked = -Infinity;

  /** @returns {boolean} whether it can answer */
  get ready() {
    return this.#device?.ready ?? false;
  }

  /** @param {ImageData} picture @returns {Answer | null} as the device's own `answer` */
  answer(picture) {
    return this.#device?.answer(picture) ?? null;
  }

  /** Look for newer weights, at most once a minute, unless the visitor saves data. */
  keepFresh() {
    if (globalThis.navigator["connection"]?.saveData || performance.now() - this.#looked < PAUSE) return;
    this.#looked = performance.now();
    this.#refresh().catch(() => {}); // the server answers, and what is here is still good
  }

  async #refresh() {
    this.#device ??= new (await import("./device.js")).Device();
    await this.#device.refresh();
  }
}

/**
 * @param {Answer} one @param {Answer} other
 * @returns {boolean} whether two answers by the same version are more than rounding apart
 */
export function differs(one, other) {
  const far = one.digits.some((probability, digit) => Math.abs(probability - other.digits[digit]) > ROUNDING);
  return one.version === other.version && (one.answer !== other.answer || far);
}
