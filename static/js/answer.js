// The answer: a large numeral and one line of words, or what went wrong.

import { announce } from "./announce.js";
import { aDigit } from "./words.js";

const EMPTY = "Draw a digit, and I will say what I see.";

/**
 * @param {() => void} onRetry the visitor asks again after a failure
 */
export function createAnswer(onRetry) {
  const box = document.getElementById("answer");
  const numeral = document.getElementById("numeral");
  const words = document.getElementById("words");
  const retry = document.getElementById("retry-guess");
  retry.addEventListener("click", onRetry);

  const show = (state, digit, text) => {
    box.dataset.state = state;
    box.removeAttribute("aria-busy");
    numeral.textContent = digit;
    words.textContent = text;
    retry.hidden = state !== "failed";
  };
  const see = ({ answer }, text) => {
    show(answer === null ? "unsure" : "seen", answer ?? "?", text);
    announce(text);
  };
  return {
    /** Nothing is drawn. @param {string} [text] */
    empty(text = EMPTY) {
      show("empty", "", text);
    },
    /** An answer is on its way: the one before stays, paler. */
    busy() {
      box.setAttribute("aria-busy", "true");
    },
    /** @param {{answer: string | null, message: string}} result */
    seen(result) {
      see(result, sentence(result));
    },
    /** A label has turned the answer. @param {{answer: string | null, message: string}} result */
    turned(result) {
      const text = sentence(result);
      see(result, `Now ${text}${text.endsWith(".") ? "" : "."}`);
    },
    /** @param {string} message what is wrong, and what to do */
    failed(message) {
      show("failed", "", message);
      announce(message);
    },
  };
}

const sentence = ({ answer, message }) =>
  answer === null ? message || "I am not sure." : `I see ${aDigit(answer)}`;
