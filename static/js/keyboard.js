// Drawing without a pointer: arrow keys move a pen over the canvas, Space lowers and lifts it.

import { announce } from "./announce.js";
import { SIZE } from "./strokes.js";

const STEP = 14; // canvas units: twenty steps from side to side
const SMALL_STEP = 4;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const withinCanvas = (value) => Math.min(SIZE, Math.max(0, value));

/**
 * Let the keyboard draw on a surface while its canvas has the focus.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./canvas.js").Surface} surface
 */
export function attachKeyboardPen(canvas, surface) {
  const frame = canvas.parentElement;
  const pen = { x: SIZE / 2, y: SIZE / 4 };
  const held = new Set();

  const show = () => {
    frame.style.setProperty("--pen-x", pen.x / SIZE);
    frame.style.setProperty("--pen-y", pen.y / SIZE);
    frame.dataset.pen = surface.down ? "down" : "up";
  };
  const lift = () => {
    held.clear();
    surface.penUp();
    show();
  };
  const move = (event) => {
    held.add(event.key);
    const step = event.shiftKey ? SMALL_STEP : STEP;
    for (const key of held) {
      pen.x = withinCanvas(pen.x + ARROWS[key][0] * step);
      pen.y = withinCanvas(pen.y + ARROWS[key][1] * step);
    }
    if (surface.down) surface.penMove(pen.x, pen.y, event.timeStamp);
  };
  const toggle = (event) => {
    if (surface.down) surface.penUp();
    else surface.penDown(pen.x, pen.y, event.timeStamp);
    announce(surface.down ? "Pen down" : "Pen up");
  };

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) move(event);
    else if (event.key === " ") event.repeat || toggle(event);
    else if (event.key === "Enter") event.repeat || surface.done();
    else if (event.key === "Delete" || event.key === "Backspace") surface.clear();
    else return;
    event.preventDefault();
    show();
  });
  canvas.addEventListener("keyup", (event) => held.delete(event.key));
  canvas.addEventListener("blur", lift);
  show();
}
