// The label: Is it right? Yes, or No and the digit; then the receipt, or what went wrong.

import { announce } from "./announce.js";
import { byId } from "./dom.js";
import { Receipt } from "./receipt.js";

/** The label of a drawing that is no digit. */
export const NOT_A_DIGIT = "none";

const PANELS = ["ask", "choose", "sending", "receipt", "failed"];

/**
 * @typedef {object} LabelHooks
 * @property {() => void} onYes @property {() => void} onNo
 * @property {(digit: number) => void} onDigit @property {() => void} onNotADigit
 * @property {() => void} onRetry @property {() => void} onAnother
 */

/** The panels of the label, of which one is shown at a time. */
export class Label {
  #shown = "ask";
  #box = byId("label");
  #receipt = new Receipt();

  /** @param {LabelHooks} hooks */
  constructor(hooks) {
    const clicks = {
      yes: hooks.onYes, no: hooks.onNo, "not-a-digit": hooks.onNotADigit, back: () => this.#back(),
      "retry-label": hooks.onRetry, another: hooks.onAnother,
    };
    for (const [id, act] of Object.entries(clicks)) byId(id).addEventListener("click", () => act());
    for (const button of this.#box.querySelectorAll("[data-digit]")) {
      button.addEventListener("click", () => hooks.onDigit(Number(button.dataset.digit)));
    }
    document.addEventListener("keydown", (event) => this.#onKey(event, hooks));
  }

  /** There is no answer to confirm, or not yet. */
  wait() {
    this.#show("ask");
    this.#allow(false);
  }

  /** Ask about an answer. @param {string | null} answer */
  ask(answer) {
    byId("question").textContent = answer === null ? "Will you tell me?" : "Is it right?";
    byId("yes").hidden = answer === null;
    byId("no").textContent = answer === null ? "Choose" : "No";
    byId("no").classList.toggle("btn-no", answer !== null);
    this.#show("ask");
    this.#allow(true);
  }

  /** Offer the ten digits. */
  choose() {
    this.#show("choose", "[data-digit]");
    announce("What is it? Press the digit.");
  }

  /** The label is on its way. @param {number | "none"} digit */
  sending(digit) {
    byId("sending-words").textContent = digit === NOT_A_DIGIT ? "Keeping it…" : "Teaching the models…";
    this.#show("sending");
    this.#box.focus({ preventScroll: true });
  }

  /**
   * @param {import("./receipt.js").Outcome} result @param {number | "none"} digit
   */
  receipt(result, digit) {
    this.#receipt.show(result, digit);
    this.#show("receipt", "#another");
  }

  /** @param {string} message what is wrong, and what to do */
  failed(message) {
    byId("failed-words").textContent = message;
    this.#show("failed", "#retry-label");
    announce(message);
  }

  #allow(allowed) {
    byId("yes").disabled = !allowed;
    byId("no").disabled = !allowed;
  }

  /** Show a panel; a keyboard that was in the one before goes to `target` in it. */
  #show(name, target) {
    const hadFocus = this.#box.contains(document.activeElement);
    this.#shown = name;
    for (const panel of PANELS) byId(`panel-${panel}`).inert = panel !== name;
    if (hadFocus && target) this.#box.querySelector(target).focus({ preventScroll: true });
  }

  #back() {
    this.#show("ask", "#no");
  }

  #onKey(event, hooks) {
    if (this.#shown !== "choose" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") this.#back();
    else if (/^[0-9]$/.test(event.key) && !event.repeat) hooks.onDigit(Number(event.key));
  }
}
