// What comes of a label: consent is asked for, it is on its way, its receipt, or why it waits.

import { announce } from "./announce.js";
import { byId } from "./dom.js";
import { NOT_A_DIGIT } from "./digit_row.js";
import { Receipt } from "./receipt.js";
import { text } from "./texts.js";

const PANELS = ["ask", "sending", "receipt", "failed"];

/** The panels below the row of digits, of which one is shown at a time. */
export class Label {
  #box = byId("label");
  #receipt = new Receipt();

  /** @param {{onRetry: () => void, onAnother: () => void}} hooks */
  constructor({ onRetry, onAnother }) {
    byId("retry-label").addEventListener("click", () => onRetry());
    byId("another").addEventListener("click", () => onAnother());
  }

  /** No label was given yet. */
  wait() {
    this.#show("ask");
  }

  /** The label is on its way. @param {import("./digit_row.js").Digit} digit */
  sending(digit) {
    byId("sending-words").textContent = digit === NOT_A_DIGIT ? text("Keeping it…") : text("Teaching the models…");
    this.#show("sending");
  }

  /**
   * @param {import("./receipt.js").Outcome} result @param {import("./digit_row.js").Digit} digit
   */
  receipt(result, digit) {
    this.#receipt.show(result, digit);
    this.#show("receipt");
    for (const id of ["panel-receipt", "tools"]) byId(id).scrollIntoView({ block: "nearest" });
  }

  /** @param {string} message what is wrong, and what becomes of the label */
  failed(message) {
    byId("failed-words").textContent = message;
    this.#show("failed");
    announce(message);
  }

  /** Show a panel; a keyboard that was at the label goes on to the next drawing. */
  #show(name) {
    const hadFocus = this.#box.contains(document.activeElement);
    for (const panel of PANELS) byId(`panel-${panel}`).inert = panel !== name;
    const given = name !== "ask";
    byId("tools-draw").inert = given;
    byId("tools-another").inert = !given;
    if (hadFocus && given) byId("another").focus({ preventScroll: true });
  }
}
