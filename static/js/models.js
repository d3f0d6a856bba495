// The four models as cards with top-3 bars, and the 28 × 28 picture that they saw.

import { percent, points } from "./words.js";

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
    /** @param {Prediction} prediction @param {boolean} [past] whether an older version answers */
    show(prediction, past = false) {
      draw("seen", (key) => prediction.models[key]);
      saw.src = prediction.input;
      saw.alt = "Your drawing, centred, light on dark";
      saw.hidden = false;
      version.textContent = versionWords(prediction.version, past);
    },
    /**
     * Say on the retrained cards how far one digit has moved.
     * @param {number} digit
     * @param {Record<string, {before: number, after: number}>} moves by model
     */
    showChange(digit, moves) {
      for (const card of cards) {
        const move = moves[card.dataset.model];
        if (move) drawChange(card.querySelector(".change"), digit, move);
      }
    },
  };
}

function versionWords(version, past) {
  return past || version > 0 ? `Retrained: version ${version}` : "Nothing learned yet";
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

/** As "7: +4 points"; a narrow card shows less of it. */
function drawChange(element, digit, { before, after }) {
  const moved = points(before, after);
  const unit = Number(moved.slice(1)) === 1 ? "point" : "points";
  element.dataset.direction = after > before ? "up" : "down";
  element.replaceChildren(...(moved ? [part("whose", `${digit}: `), moved, part("unit", ` ${unit}`)] : []));
}

function part(name, text) {
  const element = document.createElement("span");
  element.className = `change-${name}`;
  element.textContent = text;
  return element;
}
