// The visitor's round on the data-collection page: ten digits in random order, and the ones given.

import { recall, remember } from "./consent.js";
import { byId, make } from "./dom.js";
import { aDigit } from "./words.js";

const STORE = "inkling.given";

/** Which digit is asked for, and the slots of those that were given. */
export class Round {
  /** Digits still to come; the first is asked for. */
  #digits = shuffledDigits();
  #given = Number(recall(STORE)) || 0;
  #slots = [...document.querySelectorAll(".given [data-digit]")];

  constructor() {
    this.#showCount();
    this.#ask();
  }

  /** @returns {number} the digit that is asked for */
  get digit() {
    return this.#digits[0];
  }

  /** @returns {string} as "Draw a 7" */
  get prompt() {
    return byId("prompt").textContent;
  }

  /** Ask for the next digit, and for this one at the end of the round. */
  skip() {
    this.#digits.push(this.#digits.shift());
    this.#ask();
  }

  /**
   * The digit that is asked for was given: ask for the next one.
   * @param {string} image a data URL
   * @returns {boolean} whether the round was complete: then another one begins
   */
  give(image) {
    const picture = make("img", "");
    picture.src = image;
    picture.alt = `Your ${this.digit}`;
    paperOf(this.#slots.find((slot) => isFor(slot, this.digit))).replaceChildren(picture);
    this.#given += 1;
    remember(STORE, String(this.#given));
    this.#showCount();
    this.#digits.shift();
    const complete = this.#digits.length === 0;
    if (complete) this.#beginAnew();
    this.#ask();
    return complete;
  }

  #beginAnew() {
    this.#digits = shuffledDigits();
    for (const slot of this.#slots) paperOf(slot).replaceChildren();
  }

  #ask() {
    byId("prompt-article").textContent = aDigit(this.digit).split(" ")[0];
    byId("prompt-digit").textContent = this.digit;
    byId("canvas").setAttribute("aria-label", `Drawing area: ${this.prompt}`);
    for (const slot of this.#slots) slot.toggleAttribute("data-asked", isFor(slot, this.digit));
  }

  #showCount() {
    const noun = this.#given === 1 ? "drawing" : "drawings";
    byId("given").textContent = this.#given === 0 ? "No drawings given yet" : `${this.#given} ${noun} given`;
  }
}

const paperOf = (slot) => slot.querySelector(".given-paper");
const isFor = (slot, digit) => Number(slot.dataset.digit) === digit;

/** @returns {number[]} 0 to 9 in random order (Fisher and Yates) */
function shuffledDigits() {
  const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (let i = digits.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [digits[i], digits[j]] = [digits[j], digits[i]];
  }
  return digits;
}
