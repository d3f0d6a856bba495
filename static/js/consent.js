// The visitor's consent: a tick, remembered in this browser, without which nothing is stored.
//
// What is remembered is the name of what was agreed to (`data-terms` of the box): where a page asks
// for something else, as for drawings that are shown to everybody, it has no tick to begin with.

import { announce } from "./announce.js";
import { recall, remember } from "./browser_store.js";
import { byId } from "./dom.js";

const STORE = "inkling.consent";

/** The checkbox, and why it is needed. */
export class Consent {
  #box = byId("consent-box");
  #tick = byId("consent", HTMLInputElement);
  #hint = byId("consent-hint");

  /** @param {{onGiven: () => void}} hooks the box was ticked: what was begun can go on */
  constructor({ onGiven }) {
    const { terms } = this.#box.dataset;
    this.#tick.checked = recall(STORE) === terms;
    this.#tick.addEventListener("change", () => {
      remember(STORE, this.given ? terms : "no");
      this.quiet();
      if (this.given) onGiven();
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
   * @param {string} why what happens at the tick, as "Tick the box, and your 7 is taught."
   */
  ask(why) {
    this.#explain(why);
    announce(this.#hint.textContent);
    this.#tick.focus({ preventScroll: true });
    this.#box.scrollIntoView({ block: "nearest" });
  }

  #explain(text) {
    this.#hint.textContent = text;
    this.#box.toggleAttribute("data-wanted", text !== "");
  }
}
