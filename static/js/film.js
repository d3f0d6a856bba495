// A film of what was learned: one drawing, shown to every stored version, one after another.

import { post } from "./api.js";

const FRAME = 350, SHORTEST = 80; // ms that a version is shown; with many of them, less
const WHOLE = 8_000; // ms, about, however many versions there are

/**
 * @typedef {{number: number, kind: string, made: string | null, answer: string | null,
 *   models: Record<string, import("./models.js").Top3>}} Frame what a version said
 */

/**
 * Play a drawing through the versions, oldest first.
 * @param {AbortSignal} signal ends it
 * @param {string} image a data URL
 * @param {(frame: Frame) => void} show
 * @returns {Promise<boolean>} whether it came to its end
 * @throws {import("./api.js").RequestError}
 */
export async function play(signal, image, show) {
  const { versions } = await post("versions", { imageBase64: image }, signal);
  const pause = Math.max(SHORTEST, Math.min(FRAME, WHOLE / versions.length));
  for (const frame of versions) {
    if (signal.aborted) return false;
    show(frame);
    await new Promise((resume) => setTimeout(resume, pause));
  }
  return !signal.aborted;
}
