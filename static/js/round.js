// The visitor's round on the data-collection page: ten digits, the ones given, what the app read.
//
// A round is remembered in this browser, so that it survives a reload; the next one begins when the
// visitor asks for it.

import { recall, remember } from "./browser_store.js";
import { all, byId, make } from "./dom.js";
import { aDigit, plural, text } from "./texts.js";

const COUNT = "inkling.given", ROUND = "inkling.round";

/** @typedef {{image: string, read?: string | null}} Given a picture, and what the app read in it */

/** Which digit is asked for, and the slots of those that were given. */
export class Round {
  /** Digits still to come; the first is asked for. @type {number[]} */
  #left;
  /** @type {Record<string, Given>} by digit */
  #given;
  /** The digit that the visitor chose, where they choose. @type {number | null} */
  #chosen = null;
  #count = Number(recall(COUNT)) || 0;
  #slots = all(document, ".given [data-digit]");

  constructor() {
    ({ left: this.#left, given: this.#given } = remembered() ?? { left: shuffledDigits(), given: {} });
    this.#show();
  }

  /** @returns {number} the digit that is asked for; of a complete round, the last */
  get digit() {
    return this.#chosen ?? this.#left[0] ?? 0;
  }

  /** @returns {boolean} whether each digit was given */
  get complete() {
    return this.#left.length === 0;
  }

  /** @returns {[string, Given][]} what was given, by digit */
  get given() {
    return Object.entries(this.#given);
  }

  /** @returns {string} as "Draw a 7" */
  get prompt() {
    return this.complete ? text("A whole round") : text("Draw {digit}", { digit: aDigit(this.digit) });
  }

  /** Have the visitor choose, beginning with a digit, or ask for one after the other again. */
  choose(digit = null) {
    this.#chosen = digit;
    this.#show();
  }

  /** Ask for the next digit, and for this one at the end of the round. */
  skip() {
    this.#left.push(this.#left.shift());
    this.#keep();
  }

  /** The digit that is asked for was given. @param {string} image a data URL */
  give(image) {
    this.#given[this.digit] = { image };
    this.#left = this.#left.filter((digit) => digit !== this.digit);
    this.#count += 1;
    remember(COUNT, String(this.#count));
    this.#keep();
  }

  /** The digit that was given last was taken back: it is asked for again. */
  takeBack(digit) {
    delete this.#given[digit];
    if (!this.#left.includes(digit)) this.#left.unshift(digit);
    this.#count -= 1;
    remember(COUNT, String(this.#count));
    this.#keep();
  }

  /** What the app read in a digit's picture; null: it was unsure. */
  read(digit, answer) {
    this.#given[digit].read = answer;
    this.#keep();
  }

  /** Begin another round. */
  beginAnew() {
    this.#left = shuffledDigits();
    this.#given = {};
    this.#keep();
  }

  #keep() {
    remember(ROUND, JSON.stringify({ left: this.#left, given: this.#given }));
    this.#show();
  }

  #show() {
    this.#showPrompt();
    byId("canvas").setAttribute("aria-label", text("Drawing area: {prompt}", { prompt: this.prompt }));
    for (const slot of this.#slots) this.#showSlot(slot);
    byId("given").textContent = this.#count === 0
      ? text("No drawings given yet") : plural(this.#count, "{count} drawing given", "{count} drawings given");
  }

  /** The digit stands out, wherever the language has it. */
  #showPrompt() {
    const digit = String(this.digit);
    const [before, after] = this.complete ? [this.prompt, ""] : this.prompt.split(digit);
    byId("prompt").replaceChildren(before, ...(this.complete ? [] : [make("span", "prompt-digit", digit), after]));
  }

  #showSlot(slot) {
    const digit = Number(slot.dataset.digit);
    slot.toggleAttribute("data-asked", !this.complete && digit === this.digit);
    const given = this.#given[digit];
    slot.querySelector(".given-paper").replaceChildren(...(given ? [picture(given.image, digit)] : []));
    const read = slot.querySelector(".given-read");
    read.textContent = given?.read === undefined ? "" : text("read {digit}", { digit: given.read ?? "?" });
    read.dataset.right = given?.read === String(digit) ? "yes" : "no";
  }
}

function picture(image, digit) {
  const element = make("img", "");
  element.src = image;
  element.alt = text("Your {digit}", { digit });
  return element;
}

function remembered() {
  try {
    const { left, given } = JSON.parse(recall(ROUND) ?? "null");
    return Array.isArray(left) && typeof given === "object" ? { left, given } : null;
  } catch {
    return null; // none, or not ours
  }
}

/** @returns {number[]} 0 to 9 in random order (Fisher and Yates) */
function shuffledDigits() {
  const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (let i = digits.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [digits[i], digits[j]] = [digits[j], digits[i]];
  }
  return digits;
}
