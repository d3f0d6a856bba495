// Time travel: the drawing that was answered, shown to an older version of the retrained nets.
//
// Only the models' cards look back. The large answer and the label stay with the newest version.

import { announce } from "./announce.js";
import { get, post } from "./api.js";
import { byId } from "./dom.js";
import { play } from "./film.js";
import { latestOnly } from "./latest.js";
import { aDigit, ago, text } from "./texts.js";

/** @typedef {{number: number, kind: string, made: string | null}} Stored */

const IDLE = text("Draw, and ask an older version.");
const ALONE = text("No older version yet: nothing was learned.");
const SETTLED = 150; // ms without a step: a slider on its way asks for no version that it passes
const BUSY = 503, SECOND_TRY = 500; // ms: too many look back at once, so once more a little later

/** The row "Look back". */
export class Travel {
  #models;
  #box = byId("travel");
  #range = byId("travel-range", HTMLInputElement);
  #words = byId("travel-words");
  #steps = { older: byId("travel-older", HTMLButtonElement), newer: byId("travel-newer", HTMLButtonElement) };
  #playButton = byId("travel-play", HTMLButtonElement);
  /** @type {Stored[]} oldest first */
  #versions = [];
  #newest = -1; // that the list was read for
  #drawing = null; // {image, result} of the newest version
  #moved = false; // while the list was read
  #asked = latestOnly(askVersion);
  #film = latestOnly(play);
  #playing = false;
  #listed = latestOnly((signal) => get("versions", signal));

  /** @param {import("./models.js").Models} models the cards, which show what an older version said */
  constructor(models) {
    this.#models = models;
    this.#range.addEventListener("input", () => this.#go());
    this.#steps.older.addEventListener("click", () => this.#step(-1));
    this.#steps.newer.addEventListener("click", () => this.#step(1));
    this.#playButton.addEventListener("click", () => (this.#playing ? this.#stop() : this.#play()));
    this.rest();
  }

  /** No drawing is answered. */
  rest() {
    this.#asked.cancel();
    this.#listed.cancel();
    this.#film.cancel();
    this.#drawing = null;
    this.#say("rest", IDLE);
    this.#allow();
  }

  /** A drawing was answered by the newest version. @param {string} image @param {any} result */
  async offer(image, result) {
    this.#asked.cancel();
    this.#film.cancel();
    this.#drawing = { image, result };
    this.#moved = false;
    if (result.version !== this.#newest) await this.#read(result.version);
    if (this.#drawing?.result !== result) return;
    if (this.#moved) {
      this.#asked.cancel();
      this.#models.show(result);
    }
    this.#range.value = this.#range.max;
    this.#atNewest();
    this.#allow();
  }

  /** The versions that can be asked; without them there is nothing to offer. */
  async #read(newest) {
    try {
      const found = await this.#listed.run();
      if (!found) return;
      this.#versions = found.versions.filter(({ number }) => number < newest);
      this.#versions.push(found.versions.find(({ number }) => number === newest) ?? { number: newest });
      this.#newest = newest;
      this.#range.max = String(this.#versions.length - 1);
    } catch {
      this.#versions = []; // the next answer asks again
      this.#newest = -1;
    }
  }

  #step(by) {
    this.#range.valueAsNumber += by;
    this.#go();
  }

  get #index() {
    return this.#range.valueAsNumber;
  }

  /** Show the drawing to all versions, one after another. */
  async #play() {
    const { image, result } = this.#drawing;
    this.#asked.cancel();
    this.#moved = true;
    this.#nowPlaying(true);
    try {
      const ended = await this.#film.run(image, (frame) => this.#showFrame(frame, result));
      if (ended) this.#stop();
    } catch (error) {
      this.#fail(error, result);
    }
    this.#nowPlaying(false);
  }

  #showFrame(frame, result) {
    const models = { ...result.models, ...frame.models };
    this.#models.show({ ...result, models, version: frame.number }, true);
    const index = this.#versions.findIndex(({ number }) => number === frame.number);
    if (index >= 0) this.#range.value = String(index);
    this.#say("past", seen(frame, frame.answer));
  }

  /** Back to the newest version. */
  #stop() {
    this.#film.cancel();
    this.#nowPlaying(false);
    if (!this.#drawing) return;
    this.#range.value = this.#range.max;
    this.#go();
  }

  #nowPlaying(playing) {
    this.#playing = playing;
    this.#playButton.textContent = playing ? "■" : "▶";
    this.#playButton.setAttribute("aria-label", playing ? text("Stop") : text("Play all versions"));
  }

  async #go() {
    const { image, result } = this.#drawing;
    this.#film.cancel();
    this.#moved = true;
    this.#allow();
    if (this.#index === this.#versions.length - 1) {
      this.#asked.cancel();
      this.#models.show(result);
      this.#atNewest();
      announce(this.#words.textContent);
      return;
    }
    const stored = this.#versions[this.#index];
    this.#nameValue(stored);
    try {
      const found = await this.#asked.run(image, stored.number);
      if (found) this.#seen(stored, found);
    } catch (error) {
      this.#fail(error, result);
    }
  }

  #fail(error, result) {
    this.#newest = -1; // the next answer asks for the list again
    this.#models.show(result);
    this.#range.value = this.#range.max;
    this.#nameValue(this.#versions.at(-1));
    this.#allow();
    this.#say("failed", error.message);
    announce(error.message);
  }

  #seen(stored, found) {
    this.#models.show(found, true);
    this.#say("past", seen(stored, found.answer));
    announce(this.#words.textContent);
  }

  #atNewest() {
    this.#say("newest", this.#versions.length > 1 ? text("This is the newest version.") : ALONE);
    this.#nameValue(this.#versions.at(-1));
  }

  #nameValue(stored) {
    if (stored) this.#range.setAttribute("aria-valuetext", name(stored));
  }

  #say(state, words) {
    this.#box.dataset.state = state;
    this.#words.textContent = words;
  }

  #allow() {
    const allowed = this.#drawing !== null && this.#versions.length > 1;
    this.#range.disabled = this.#playButton.disabled = !allowed;
    this.#steps.older.disabled = !allowed || this.#index === 0;
    this.#steps.newer.disabled = !allowed || this.#index === this.#versions.length - 1;
    if (!this.#drawing) this.#range.value = this.#range.max;
  }
}

/** What a version says, once the slider rests; null where it was moved on. */
async function askVersion(signal, image, version) {
  const ask = async (pause) => {
    await new Promise((resume) => setTimeout(resume, pause));
    return signal.aborted ? null : post("predict", { imageBase64: image, version }, signal);
  };
  try {
    return await ask(SETTLED);
  } catch (error) {
    if (error.status !== BUSY) throw error;
    return ask(SECOND_TRY);
  }
}

/** What a version saw, in words. */
function seen(stored, answer) {
  const version = name(stored);
  if (answer === null) return text("{version}: not sure", { version });
  return text("{version}: sees {digit}", { version, digit: aDigit(answer) });
}

/** @param {Stored} stored @returns {string} as "Version 9, 3 days ago" */
function name({ number: version, made }) {
  if (version === 0) return text("Version 0, as shipped");
  return made ? text("Version {version}, {ago}", { version, ago: ago(made) }) : text("Version {version}", { version });
}
