// The four models as cards with top-3 bars, and the 28 × 28 picture that they saw.

import { all, byId, make } from "./dom.js";
import { text } from "./texts.js";
import { percent, points } from "./words.js";

/** @typedef {{digit: number, probability: number}[]} Top3 */
/** @typedef {{version: number, models: Record<string, Top3>, input: string}} Prediction */

/** The section "Four models". */
export class Models {
  #section = byId("models");
  #version = byId("version");
  #saw = byId("saw", HTMLImageElement);
  #cards = all(this.#section, "[data-model]");

  /** No drawing, no bars. */
  empty() {
    this.#draw("empty", {});
    this.#saw.hidden = true;
    this.#version.textContent = "";
  }

  /**
   * @param {Prediction} prediction
   * @param {boolean} [past] whether an older version answers
   * @param {boolean} [here] whether this device answers
   */
  show(prediction, past = false, here = false) {
    this.#draw("seen", prediction.models);
    this.#saw.src = prediction.input;
    this.#saw.alt = text("Your drawing, centred, light on dark");
    this.#saw.hidden = false;
    this.#version.textContent = versionWords(prediction.version, past, here);
  }

  /** The server and this device say different things of one drawing. */
  differ() {
    this.#version.textContent = text("This device and the server differ: the server’s answer counts.");
  }

  /**
   * Say on the retrained cards how far one digit has moved.
   * @param {number} digit
   * @param {Record<string, {before: number, after: number}>} moves by model
   */
  showChange(digit, moves) {
    for (const card of this.#cards) {
      const move = moves[card.dataset.model];
      if (move) drawChange(card.querySelector(".change"), digit, move);
    }
  }

  #draw(state, models) {
    this.#section.dataset.state = state;
    for (const card of this.#cards) drawCard(card, models[card.dataset.model] ?? []);
  }
}

function versionWords(version, past, here) {
  if (here && version > 0) return text("On this device: version {version}", { version });
  if (here) return text("On this device: nothing learned yet");
  return past || version > 0 ? text("Retrained: version {version}", { version }) : text("Nothing learned yet");
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
  element.dataset.direction = after > before ? "up" : "down";
  const whose = make("span", "change-whose", `${digit}: `);
  element.replaceChildren(...(moved ? [whose, moved.by, make("span", "change-unit", ` ${moved.unit}`)] : []));
}
