// Digits of pictures, and what a device says of digits, for tests/serving/test_on_device.py.
//
// node digits.mjs SCRIPTS pictures FILE: SCRIPTS is a folder of the pages' scripts; FILE has pictures of 280 × 280 grey bytes. Writes 784 float32 of each,
//   NaN where nothing is drawn, infinity where the server takes it for a photograph.
// node digits.mjs SCRIPTS answers FILE PACK [PACK]: FILE has digits, 784 float32 each; the packs are the
//   originals' and a version's. Writes ten float32 of each of the four models, then the answer: -1 for
//   none, -2 for no digit.

import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

globalThis.document = { documentElement: { lang: "en" }, getElementById: () => null, createElement: canvas };

const [folder, what, file, ...packs] = process.argv.slice(2);
const scripts = pathToFileURL(`${folder}/`);
const SIDE = 280, PIXELS = SIDE * SIDE, DIGIT = 784;
const read = (path) => {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
};

if (what === "pictures") await pictures();
else await answers();

async function pictures() {
  const { digitOf } = await import(new URL("digit_picture.js", scripts));
  const levels = new Uint8Array(read(file)), rgba = new Uint8ClampedArray(4 * PIXELS).fill(255);
  for (let start = 0; start < levels.length; start += PIXELS) {
    for (let i = 0; i < PIXELS; i += 1) rgba.fill(levels[start + i], 4 * i, 4 * i + 3);
    const digit = digitOf(rgba, SIDE, SIDE);
    const missing = digit === null ? NaN : Infinity;
    write(digit ?? new Float32Array(DIGIT).fill(missing));
  }
}

async function answers() {
  const { Device } = await import(new URL("device.js", scripts));
  const device = new Device();
  await device.refresh({
    addresses: async () => ({ version: packs.length - 1, originals: packs[0], retrained: packs[1] ?? null }),
    content: async (path) => read(path),
  });
  const digits = new Float32Array(read(file));
  for (let start = 0; start < digits.length; start += DIGIT) {
    const said = device.answerTo(digits.slice(start, start + DIGIT));
    for (const model of ["fnn", "fnn_retrained", "cnn", "cnn_retrained"]) write(said.probabilities[model]);
    write(Float32Array.of(said.isDigit ? said.chosen ?? -1 : -2));
  }
}

function write(values) {
  writeSync(1, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function canvas() {
  return { getContext: () => null };
}
