// The visitor's consent: a tick, remembered in this browser, without which nothing is stored.
//
// What is remembered is the name of what was agreed to (`data-terms` of the box): where a page asks
// for something else, as for drawings that are shown to everybody, it has no tick to begin with.

import { announce } from "./announce.js";
import { byId } from "./dom.js";

const STORE = "inkling.consent";

/** The checkbox, and why it is needed. */
export class Consent {
  #box = byId("consent-box");
  #tick = byId("consent");
  #hint = byId("consent-hint");

  constructor() {
    const { terms } = this.#box.dataset;
    this.#tick.checked = recall(STORE) === terms;
    this.#tick.addEventListener("change", () => {
      remember(STORE, this.given ? terms : "no");
      this.quiet();
    });
  }

  /** @returns {boolean} */
  get given() {
    return this.#tick.checked;
  }

  /** Take an explanation away again. */
  quiet() {
    this.#explain("");
  }

  /**
   * Explain that a tick is needed, and go there.
   * @param {string} button what to press afterwards
   */
  ask(button) {
    this.#explain(`Tick the box first, then press ${button}.`);
    announce(this.#hint.textContent);
    this.#tick.focus({ preventScroll: true });
    this.#box.scrollIntoView({ block: "nearest" });
  }

  #explain(text) {
    this.#hint.textContent = text;
    this.#box.toggleAttribute("data-wanted", text !== "");
  }
}

/**
 * @param {string} name @returns {string | null} what this browser remembers
 */
export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null; // storage can be switched off: then every visit is the first
  }
}

/**
 * @param {string} name @param {string} value
 */
export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Switched off or full: it holds for this visit all the same.
  }
}
