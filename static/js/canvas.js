// The drawing surface: pen, mouse and touch to strokes, and strokes to a sharp screen.

import { byId } from "./dom.js";
import { drawInk, toPicture, toPixels } from "./ink.js";
import { KeyboardPen } from "./keyboard.js";
import { SIZE, Strokes } from "./strokes.js";

/**
 * @typedef {object} Hooks
 * @property {() => void} [onStart] before the first point of a stroke
 * @property {() => void} [onMove] after each point of a stroke
 * @property {() => void} [onLift] after the last point of a stroke
 * @property {() => void} [onChange] after undo and clear
 * @property {() => void} [onDone] Enter was pressed on the canvas
 */

/** A square canvas to draw on. */
export class Surface {
  #canvas = byId("canvas", HTMLCanvasElement);
  #frame = byId("frame");
  #hooks;
  #strokes = new Strokes();
  #pointer = null;
  #down = false;
  #painting = 0;

  /** While true, the drawing does not change. */
  locked = false;

  /** @param {Hooks} hooks */
  constructor(hooks) {
    this.#hooks = hooks;
    this.#listen();
    this.#watchSize();
    new KeyboardPen(this);
  }

  /** @returns {boolean} true where nothing is drawn */
  get empty() {
    return this.#strokes.empty;
  }

  /** @returns {boolean} true while the pen touches the paper */
  get down() {
    return this.#down;
  }

  /** @returns {string} what is on the paper now, as the picture that is sent */
  get picture() {
    return toPicture(this.#strokes.list);
  }

  /** @returns {ImageData} the same as pixels */
  get pixels() {
    return toPixels(this.#strokes.list);
  }

  /** @returns {{image: string, strokes: import("./strokes.js").Stroke[]}} what is on the paper now */
  snapshot() {
    return { image: this.picture, strokes: this.#strokes.copy() };
  }

  /** Lower the pen. @param {number} x @param {number} y canvas units @param {number} time ms */
  penDown(x, y, time) {
    if (this.locked) return;
    this.#hooks.onStart?.();
    this.#down = true;
    this.#strokes.begin(x, y, time);
    this.#hooks.onMove?.();
    this.#paintSoon();
  }

  /** Move the lowered pen. @param {number} x @param {number} y @param {number} time */
  penMove(x, y, time) {
    this.#strokes.extend(x, y, time);
    this.#hooks.onMove?.();
    this.#paintSoon();
  }

  /** Lift the pen. */
  penUp() {
    if (!this.#down) return;
    this.#down = false;
    this.#pointer = null;
    this.#hooks.onLift?.();
  }

  /** Take the last stroke back. */
  undo() {
    if (this.empty || this.#down || this.locked) return;
    this.#strokes.undo();
    this.#changed();
  }

  /** Take everything back. */
  clear() {
    if (this.locked) return;
    this.#down = false;
    this.#pointer = null;
    this.#strokes.clear();
    this.#changed();
  }

  /** The visitor has finished drawing (Enter). */
  done() {
    this.penUp();
    this.#hooks.onDone?.();
  }

  /** Move the keyboard, and the eye, to the canvas. */
  focus() {
    this.#canvas.focus({ preventScroll: true });
    this.#frame.scrollIntoView({ block: "nearest" });
  }

  #changed() {
    this.#paintSoon();
    this.#hooks.onChange?.();
  }

  #listen() {
    const canvas = this.#canvas;
    canvas.addEventListener("pointerdown", (event) => this.#onPointerDown(event));
    canvas.addEventListener("pointermove", (event) => this.#onPointerMove(event));
    const lifted = ({ pointerId }) => pointerId === this.#pointer && this.penUp();
    /** @type {("pointerup" | "pointercancel" | "lostpointercapture")[]} */
    const ends = ["pointerup", "pointercancel", "lostpointercapture"];
    for (const type of ends) {
      canvas.addEventListener(type, lifted);
    }
    // Touch is for drawing here: no gesture may begin on the canvas (a fast stroke would count as a
    // fling and swallow the next tap), nor a long press open a menu or a magnifier.
    canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paintSoon());
  }

  #onPointerDown(event) {
    if (!event.isPrimary || event.button !== 0 || this.locked) return;
    this.penUp(); // the keyboard's pen, should it be down
    this.#canvas.setPointerCapture(event.pointerId);
    this.penDown(...this.#place(event), event.timeStamp);
    this.#pointer = event.pointerId;
  }

  #onPointerMove(event) {
    if (event.pointerId !== this.#pointer) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const point of passed.length > 0 ? passed : [event]) {
      this.penMove(...this.#place(point), point.timeStamp);
    }
  }

  /** @returns {[number, number]} where a pointer is, in canvas units */
  #place(event) {
    const box = this.#canvas.getBoundingClientRect();
    const toUnits = SIZE / box.width;
    return [(event.clientX - box.left) * toUnits, (event.clientY - box.top) * toUnits];
  }

  #watchSize() {
    const observer = new ResizeObserver(([entry]) => {
      const about = Math.round(entry.contentRect.width * devicePixelRatio);
      const exact = entry.devicePixelContentBoxSize?.[0].inlineSize;
      // An emulated screen reports the box in the pixels of the real one: too far off to be true.
      const pixels = Math.abs(exact - about) < 2 ? exact : about;
      if (pixels === 0 || pixels === this.#canvas.width) return;
      this.#canvas.width = pixels;
      this.#canvas.height = pixels;
      this.#paint();
    });
    try {
      observer.observe(this.#canvas, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.#canvas); // Safari does not measure in device pixels
    }
  }

  #paintSoon() {
    this.#frame.dataset.empty = String(this.empty);
    this.#painting ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#painting);
    this.#painting = 0;
    const context = this.#canvas.getContext("2d");
    const scale = this.#canvas.width / SIZE;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    drawInk(context, this.#strokes.list, getComputedStyle(this.#canvas).color);
  }
}
