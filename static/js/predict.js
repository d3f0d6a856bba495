// What the newest version says of a picture.

import { post } from "./api.js";

const TRIES = 8, PAUSE = 250; // ms: two seconds for a server's process to take a version up

/**
 * @param {AbortSignal} signal
 * @param {string} image a data URL
 * @param {number} [least] the version that a label made: another process of the server may still be
 *   at the one before, and is asked again
 * @returns {Promise<import("./device.js").Answer | null>} null where none had that version in time, or nobody wants it
 */
export async function predict(signal, image, least = 0) {
  for (let i = 0; i < TRIES && !signal.aborted; i += 1) {
    const result = await post("predict", { imageBase64: image }, signal);
    if (result.version >= least) return result;
    await new Promise((resume) => setTimeout(resume, PAUSE));
  }
  return null;
}
