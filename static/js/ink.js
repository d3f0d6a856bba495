// Strokes to pixels: on the screen in the page's colours, and as the picture that is sent.

import { SIZE } from "./strokes.js";

/** Width of the pen, in canvas units. */
export const PEN = 20;

/**
 * Draw strokes on a context whose units are canvas units.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./strokes.js").Stroke[]} strokes
 * @param {string} colour any CSS colour
 */
export function drawInk(context, strokes, colour) {
  context.lineWidth = PEN;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = colour;
  context.fillStyle = colour;
  for (const stroke of strokes) drawStroke(context, stroke);
}

const paper = document.createElement("canvas");
paper.width = paper.height = SIZE;

/**
 * The picture that the server gets: black ink on white paper, whatever the page looks like.
 * @param {import("./strokes.js").Stroke[]} strokes
 * @returns {string} a data URL of a 280 × 280 PNG
 */
export function toPicture(strokes) {
  onPaper(strokes);
  return paper.toDataURL("image/png");
}

/**
 * The same as pixels.
 * @param {import("./strokes.js").Stroke[]} strokes
 * @returns {ImageData}
 */
export const toPixels = (strokes) => onPaper(strokes).getImageData(0, 0, SIZE, SIZE);

function onPaper(strokes) {
  const context = paper.getContext("2d", { alpha: false, willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, SIZE, SIZE);
  drawInk(context, strokes, "#000");
  return context;
}

/** @param {CanvasRenderingContext2D} context @param {import("./strokes.js").Stroke} stroke */
function drawStroke(context, [xs, ys]) {
  context.beginPath();
  if (xs.length === 1) {
    // A path without length has no caps, so a tap is drawn as the dot that the pen would leave.
    context.arc(xs[0], ys[0], PEN / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  tracePath(context, xs, ys);
  context.stroke();
}

/** Curve from midpoint to midpoint, so that a fast pen leaves no corners. */
function tracePath(context, xs, ys) {
  const last = xs.length - 1;
  context.moveTo(xs[0], ys[0]);
  for (let i = 1; i < last; i += 1) {
    context.quadraticCurveTo(xs[i], ys[i], (xs[i] + xs[i + 1]) / 2, (ys[i] + ys[i + 1]) / 2);
  }
  context.lineTo(xs[last], ys[last]);
}
