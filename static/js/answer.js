// The answer: a large numeral and one line of words, or what went wrong.

import { announce } from "./announce.js";
import { byId } from "./dom.js";
import { aDigit, text } from "./texts.js";

const EMPTY = text("Draw a digit, and I will say what I see.");

const SURE = 0.75, WORTH_NAMING = 0.15; // below the one, a second digit of the other is named

/**
 * @typedef {{answer: string | null, message: string, digits: number[]}} Answered digits: the
 *   probability of each of the ten
 */

export class Answer {
  #box = byId("answer");
  #retry = byId("retry-guess");

  /** @param {{onRetry: () => void}} hooks the visitor asks again after a failure */
  constructor({ onRetry }) {
    this.#retry.addEventListener("click", () => onRetry());
  }

  /** Nothing is drawn. @param {string} [text] */
  empty(text = EMPTY) {
    this.#show("empty", "", text);
  }

  /** An answer is on its way: the one before stays, paler. */
  busy() {
    this.#box.setAttribute("aria-busy", "true");
  }

  /** @param {Answered} result */
  seen(result) {
    this.#see(result, sentence(result));
  }

  /** What is seen while the pen is on the paper: shown, not read out. @param {Answered} result */
  follow(result) {
    this.#show(result.answer === null ? "unsure" : "seen", result.answer ?? "?", sentence(result));
  }

  /** A label has turned the answer. @param {Answered} result */
  turned(result) {
    this.#see(result, now(result));
    this.#box.toggleAttribute("data-turned", true);
  }

  /**
   * A label has not brought the answer to what it says.
   * @param {Answered} result @param {boolean} turned whether the answer is another one at least
   * @param {number} shown how often this digit was shown in vain
   */
  notYet(result, turned, shown) {
    this.#see(result, `${turned ? now(result) : text("Not yet.")} ${text("Show me once more ({count} so far).", { count: shown })}`);
  }

  /** @param {string} message what is wrong, and what to do */
  failed(message) {
    this.#show("failed", "", message);
    announce(message);
  }

  #see({ answer }, text) {
    this.#show(answer === null ? "unsure" : "seen", answer ?? "?", text);
    announce(text);
  }

  #show(state, digit, text) {
    this.#box.dataset.state = state;
    this.#box.removeAttribute("data-turned");
    this.#box.removeAttribute("aria-busy");
    byId("numeral").textContent = digit;
    byId("words").textContent = text;
    this.#retry.hidden = state !== "failed";
  }
}

function now(result) {
  if (result.answer === null) return text("Now: {sentence}", { sentence: sentence(result) });
  return text("Now I see {digit}.", { digit: aDigit(result.answer) });
}

function sentence({ answer, message, digits }) {
  if (answer === null) return message || text("I am not sure.");
  const [other, probability] = [...digits.entries()].filter(([digit]) => digit !== Number(answer))
    .reduce((best, next) => (next[1] > best[1] ? next : best));
  const doubtful = digits[answer] < SURE && probability >= WORTH_NAMING;
  if (doubtful) return text("Probably {digit}, or {other}?", { digit: aDigit(answer), other: aDigit(other) });
  return text("I see {digit}", { digit: aDigit(answer) });
}
