// The four models as cards with top-3 bars, and the 28 × 28 picture that they saw.

import { percent, signedPercent } from "./words.js";

/** @typedef {{digit: number, probability: number}[]} Top3 */
/** @typedef {{version: number, models: Record<string, Top3>, input: string}} Prediction */

/** @returns the view of the section "Four models" */
export function createModels() {
  const section = document.getElementById("models");
  const version = document.getElementById("version");
  const saw = document.getElementById("saw");
  const cards = [...section.querySelectorAll("[data-model]")];

  const draw = (state, top3Of) => {
    section.dataset.state = state;
    for (const card of cards) drawCard(card, top3Of(card.dataset.model));
  };
  return {
    /** No drawing, no bars. */
    empty() {
      draw("empty", () => []);
      saw.hidden = true;
      version.textContent = "";
    },
    /** @param {Prediction} prediction */
    show(prediction) {
      draw("seen", (key) => prediction.models[key]);
      saw.src = prediction.input;
      saw.alt = "Your drawing, centred, light on dark";
      saw.hidden = false;
      version.textContent = versionWords(prediction.version);
    },
    /**
     * Say on the retrained cards how far one digit has moved.
     * @param {number} digit
     * @param {Record<string, {before: number, after: number}>} moves by model
     */
    showChange(digit, moves) {
      for (const card of cards) {
        const move = moves[card.dataset.model];
        if (move) drawChange(card.querySelector(".change"), digit, move.after - move.before);
      }
    },
  };
}

function versionWords(version) {
  return version > 0 ? `Retrained: version ${version}` : "Nothing learned yet";
}

function drawCard(card, top3) {
  card.querySelector(".change").replaceChildren();
  card.querySelectorAll("li").forEach((row, i) => {
    const { digit, probability } = top3[i] ?? { digit: "", probability: 0 };
    row.querySelector(".bar-digit").textContent = digit;
    row.querySelector(".bar-fill").style.setProperty("--part", probability);
    row.querySelector(".bar-percent").textContent = top3[i] ? percent(probability) : "";
  });
}

function drawChange(element, digit, difference) {
  const text = signedPercent(difference);
  element.dataset.direction = difference > 0 ? "up" : "down";
  const whose = document.createElement("span");
  whose.textContent = `your ${digit} `;
  element.replaceChildren(...(text ? [whose, text] : []));
}
