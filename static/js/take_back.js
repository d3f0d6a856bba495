// "Take it back": for ten seconds after a label, it can be deleted with one press.

import { byId } from "./dom.js";
import { awaitForgotten, deleteOwn, ownDrawing } from "./own_drawings.js";
import { text } from "./texts.js";

const SECONDS = 10;
const TAKEN = text("Taken back: nobody sees it any more.");

export class TakeBack {
  #button = byId("take-back", HTMLButtonElement);
  #hooks;
  #timer = 0;
  #id = "";
  #latest = "";

  /**
   * @param {{onTaken: (words: string, first: boolean) => void, onFailed: (words: string) => void}} hooks
   *   the drawing is deleted; later, that the models have forgotten it
   */
  constructor(hooks) {
    this.#hooks = hooks;
    this.#button.addEventListener("click", () => this.#take());
  }

  /** Offer it for a drawing that was stored. @param {string} id */
  offer(id) {
    if (id === this.#latest || !ownDrawing(id)) return; // without storage there is no secret
    this.#id = this.#latest = id;
    this.#button.inert = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.withdraw(), SECONDS * 1000);
  }

  /** It is too late, or another drawing was begun. */
  withdraw() {
    clearTimeout(this.#timer);
    this.#button.inert = true;
    this.#id = "";
  }

  async #take() {
    const own = ownDrawing(this.#id);
    this.withdraw();
    if (!own) return;
    try {
      const waits = await deleteOwn(own);
      this.#hooks.onTaken(waits ? `${TAKEN} ${text("The models are forgetting it.")}` : TAKEN, true);
      if (waits && (await awaitForgotten(own.id))) this.#hooks.onTaken(`${TAKEN} ${text("The models have forgotten it.")}`, false);
    } catch (error) {
      this.#hooks.onFailed(error.message);
    }
  }
}
