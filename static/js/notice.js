// A notice over the page, for what went wrong with a drawing that is no longer on the canvas.

import { byId } from "./dom.js";

export class Notice {
  #box = byId("notice");
  #retry = null;

  constructor() {
    byId("notice-close").addEventListener("click", () => this.#close());
    byId("notice-retry").addEventListener("click", () => {
      this.#close();
      this.#retry();
    });
  }

  /**
   * @param {string} text what is wrong, and what to do
   * @param {() => void} retry
   */
  show(text, retry) {
    this.#retry = retry;
    byId("notice-words").textContent = text;
    this.#box.hidden = false;
  }

  #close() {
    this.#box.hidden = true;
  }
}
