// The answer: a large numeral and one line of words, or what went wrong.

import { announce } from "./announce.js";
import { byId } from "./dom.js";
import { aDigit } from "./words.js";

const EMPTY = "Draw a digit, and I will say what I see.";

/** @typedef {{answer: string | null, message: string}} Answered */

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

  /** A label has turned the answer. @param {Answered} result */
  turned(result) {
    const text = sentence(result);
    this.#see(result, `Now ${text}${text.endsWith(".") ? "" : "."}`);
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
    this.#box.removeAttribute("aria-busy");
    byId("numeral").textContent = digit;
    byId("words").textContent = text;
    this.#retry.hidden = state !== "failed";
  }
}

const sentence = ({ answer, message }) =>
  answer === null ? message || "I am not sure." : `I see ${aDigit(answer)}`;
