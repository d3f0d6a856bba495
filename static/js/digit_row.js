// The row of ten digits: how probable each is, which one the app sees, and the visitor's label.

import { all, byId } from "./dom.js";
import { text } from "./texts.js";
import { percent } from "./words.js";

/** The label of a drawing that is no digit. */
export const NOT_A_DIGIT = "none";

/** @typedef {number | "none"} Digit what a visitor says that a drawing is */

export class DigitRow {
  #group = byId("digits");
  #none = byId("not-a-digit", HTMLButtonElement);
  #buttons = all(this.#group, "[data-digit]", HTMLButtonElement);

  /** @param {{onDigit: (digit: Digit) => void}} hooks the visitor says what it is */
  constructor({ onDigit }) {
    this.#buttons.forEach((button, digit) => button.addEventListener("click", () => onDigit(digit)));
    this.#none.addEventListener("click", () => onDigit(NOT_A_DIGIT));
    document.addEventListener("keydown", (event) => this.#onKey(event, onDigit));
  }

  /** @returns {boolean} whether a label can be given */
  get open() {
    return !this.#none.disabled;
  }

  /** There is nothing to label, or not yet. */
  wait() {
    this.#open(false);
  }

  /** Nothing is drawn: no bars, no guess. */
  empty() {
    this.wait();
    this.#mark("data-guess", null);
    this.#mark("data-label", null);
    this.#fill([]);
  }

  /** Bars that follow the pen. @param {number[]} digits the probability of each of the ten */
  follow(digits) {
    this.#mark("data-guess", null);
    this.#mark("data-label", null);
    this.#fill(digits);
  }

  /**
   * Ask which one it is.
   * @param {{answer: string | null, digits: number[]}} result
   */
  ask({ answer, digits }) {
    this.follow(digits);
    this.#mark("data-guess", answer);
    this.#open(true);
  }

  /** Show what was said. @param {Digit} digit */
  labelled(digit) {
    this.wait();
    this.#mark("data-label", digit);
  }

  /** What the models say after a label: the bars run there. */
  learned({ answer, digits }) {
    this.#mark("data-guess", answer);
    this.#fill(digits);
  }

  /** Bring the keyboard here: Enter says that the guess is right. */
  focus() {
    const guess = this.#buttons.find((button) => button.hasAttribute("data-guess"));
    (guess ?? this.#group).focus({ preventScroll: true });
    this.#group.scrollIntoView({ block: "nearest" });
  }

  #open(open) {
    for (const button of [...this.#buttons, this.#none]) button.disabled = !open;
  }

  #mark(name, digit) {
    this.#buttons.forEach((button, i) => {
      button.toggleAttribute(name, digit !== null && String(i) === String(digit));
      button.setAttribute("aria-description", describe(button));
    });
    if (name === "data-label") this.#none.toggleAttribute(name, digit === NOT_A_DIGIT);
  }

  #fill(digits) {
    this.#buttons.forEach((button, i) => {
      button.style.setProperty("--part", String(digits[i] ?? 0));
      button.title = digits.length ? percent(digits[i]) : "";
    });
  }

  #onKey(event, onDigit) {
    if (!this.open || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) onDigit(Number(event.key));
    else if (event.key.toLowerCase() === "n") onDigit(NOT_A_DIGIT);
  }
}

function describe(button) {
  if (button.hasAttribute("data-label")) return text("your label");
  return button.hasAttribute("data-guess") ? text("what I see") : "";
}
