// What became of a label that was saved, but not learned yet: asked for until it is known.

import { get } from "./api.js";

const FIRST_PAUSE = 500, LONGEST_PAUSE = 5_000; // ms between two questions
const TRIES = 60; // some five minutes

/**
 * @param {string} id the drawing's
 * @param {() => boolean} wanted whether anybody still wants to know
 * @returns {Promise<import("./receipt.js").Outcome | null>} null where nobody does, or after long
 */
export async function awaitOutcome(id, wanted) {
  let pause = FIRST_PAUSE;
  for (let i = 0; i < TRIES; i += 1) {
    await new Promise((resume) => setTimeout(resume, pause));
    if (!wanted()) return null;
    const result = await get(`drawings/${encodeURIComponent(id)}`).catch(() => null); // next time
    if (!wanted()) return null;
    if (result && result.state !== "queued") return result;
    pause = Math.min(pause * 1.5, LONGEST_PAUSE);
  }
  return null;
}
