// Drawing without a pointer: arrow keys move a pen over the canvas, Space lowers and lifts it.

import { announce } from "./announce.js";
import { byId } from "./dom.js";
import { SIZE } from "./strokes.js";
import { text } from "./texts.js";

const STEP = 14; // canvas units: twenty steps from side to side
const SMALL_STEP = 4;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const withinCanvas = (value) => Math.min(SIZE, Math.max(0, value));

/** The pen that the keyboard moves while the canvas has the focus. */
export class KeyboardPen {
  #surface;
  #canvas = byId("canvas");
  #frame = byId("frame");
  #x = SIZE / 2;
  #y = SIZE / 4;
  #held = new Set();

  /** @param {import("./canvas.js").Surface} surface what it draws on */
  constructor(surface) {
    this.#surface = surface;
    this.#canvas.addEventListener("keydown", (event) => this.#onKey(event));
    this.#canvas.addEventListener("keyup", (event) => this.#held.delete(event.key));
    this.#canvas.addEventListener("blur", () => this.#lift());
    this.#show();
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) this.#move(event);
    else if (event.key === " ") event.repeat || this.#toggle(event);
    else if (event.key === "Enter") event.repeat || this.#surface.done();
    else if (event.key === "Delete" || event.key === "Backspace") this.#surface.clear();
    else return;
    event.preventDefault();
    this.#show();
  }

  #move(event) {
    this.#held.add(event.key);
    const step = event.shiftKey ? SMALL_STEP : STEP;
    for (const key of this.#held) {
      this.#x = withinCanvas(this.#x + ARROWS[key][0] * step);
      this.#y = withinCanvas(this.#y + ARROWS[key][1] * step);
    }
    if (this.#surface.down) this.#surface.penMove(this.#x, this.#y, event.timeStamp);
  }

  #toggle(event) {
    if (this.#surface.down) this.#surface.penUp();
    else this.#surface.penDown(this.#x, this.#y, event.timeStamp);
    announce(this.#surface.down ? text("Pen down") : text("Pen up"));
  }

  #lift() {
    this.#held.clear();
    this.#surface.penUp();
    this.#show();
  }

  #show() {
    this.#frame.style.setProperty("--pen-x", String(this.#x / SIZE));
    this.#frame.style.setProperty("--pen-y", String(this.#y / SIZE));
    this.#frame.dataset.pen = this.#surface.down ? "down" : "up";
  }
}

/**
 * Ctrl+Z, or Cmd+Z, anywhere on the page.
 * @param {() => void} undo
 */
export function onUndoKey(undo) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    event.preventDefault();
    undo();
  });
}
