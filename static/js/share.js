// A finished round as one picture, to share or to keep.

import { text } from "./texts.js";

const CELL = 160, GAP = 16, COLUMNS = 5; // pixels; ten digits in two rows
const NAME = "my-digits.png";

/** @typedef {import("./round.js").Given} Given */

/**
 * Share a round where the browser can share files; else save it.
 * @param {[string, Given][]} given by digit
 */
export async function shareRound(given) {
  const blob = await pictureOf(given);
  const file = new File([blob], NAME, { type: blob.type });
  if (navigator.canShare?.({ files: [file] })) {
    await navigator.share({ files: [file], title: text("My digits") }).catch(() => {}); // closed again
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = NAME;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** @param {[string, Given][]} given @returns {Promise<Blob>} a PNG */
async function pictureOf(given) {
  const canvas = document.createElement("canvas");
  const rows = Math.ceil(given.length / COLUMNS);
  canvas.width = COLUMNS * (CELL + GAP) + GAP;
  canvas.height = rows * (CELL + GAP) + GAP;
  const context = canvas.getContext("2d");
  context.fillStyle = "#faf8f4";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const images = await Promise.all(given.map(([, { image }]) => loaded(image)));
  images.forEach((image, i) => {
    const [x, y] = [i % COLUMNS, Math.floor(i / COLUMNS)].map((n) => GAP + n * (CELL + GAP));
    context.drawImage(image, x, y, CELL, CELL);
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** @param {string} source @returns {Promise<HTMLImageElement>} */
async function loaded(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return image;
}
