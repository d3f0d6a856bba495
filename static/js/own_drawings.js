// The visitor's own drawings, kept in this browser alone: how each was drawn, and the secret with
// which it can be deleted. The server has only the secret's hash.

import { get, post } from "./api.js";
import { forget, recall, remember, remembered } from "./browser_store.js";
import { text } from "./texts.js";

const PREFIX = "inkling.own."; // then the drawing's id
const MOST = 300; // of some 2 kB each; the oldest go first
const FIRST_PAUSE = 500, LONGEST_PAUSE = 10_000; // ms between two looks whether one is forgotten
const AT_ONCE = 100; // drawings that the server reads again at once

/**
 * @typedef {object} Own a drawing that was given
 * @property {string} id @property {string} secret @property {number | "none"} digit
 * @property {import("./strokes.js").Stroke[]} strokes @property {number} given ms since 1970
 * @property {boolean} [deleting] whether it is being forgotten
 */
/** @typedef {{shipped: string | null, now: string | null}} Reading what the app reads in one */

/** @returns {string} a new secret: 22 random letters, 132 bits */
export function newSecret() {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return Array.from(crypto.getRandomValues(new Uint8Array(22)), (byte) => letters[byte % 64]).join("");
}

/** @param {Own} own */
export function keepOwn(own) {
  remember(PREFIX + own.id, JSON.stringify(own));
  for (const old of ownDrawings().slice(MOST)) forget(PREFIX + old.id);
}

/** @returns {Own[]} the newest first */
export function ownDrawings() {
  const found = remembered(PREFIX).map((name) => parsed(recall(name))).filter((own) => own?.id);
  return found.sort((a, b) => b.given - a.given);
}

/** @param {string} id @returns {Own | undefined} */
export const ownDrawing = (id) => ownDrawings().find((own) => own.id === id);

/**
 * Have the server delete a drawing. From then on nobody sees it.
 * @param {Own} own
 * @returns {Promise<boolean>} whether the nets have yet to forget it; else it is gone already
 * @throws {import("./api.js").RequestError}
 */
export async function deleteOwn(own) {
  try {
    await post(`drawings/${own.id}/delete`, { secret: own.secret });
  } catch (error) {
    if (error.status !== 404) throw error;
    forget(PREFIX + own.id); // the answer to an earlier try was lost
    return false;
  }
  keepOwn({ ...own, strokes: [], deleting: true });
  return true;
}

/**
 * Wait until the nets have forgotten a drawing, and let go of it here.
 * @param {string} id
 * @param {() => boolean} wanted whether anybody still wants to know
 * @returns {Promise<boolean>} whether it is forgotten; else nobody wants to know
 */
export async function awaitForgotten(id, wanted = () => true) {
  let pause = FIRST_PAUSE;
  while (wanted()) {
    await new Promise((resume) => setTimeout(resume, pause));
    const status = await get(`drawings/${id}`).then(() => 200, (error) => error.status);
    if (status === 404) {
      forget(PREFIX + id);
      return true;
    }
    pause = Math.min(1.5 * pause, LONGEST_PAUSE);
  }
  return false;
}

/**
 * Ask what the app reads in the newest of these drawings, as shipped and now.
 * @param {Own[]} drawings
 * @returns {Promise<Map<string, Reading>>} by id, of those that are there and are digits
 */
export async function readAgain(drawings) {
  const digits = drawings.filter(({ digit, deleting }) => digit !== "none" && !deleting).slice(0, AT_ONCE);
  if (digits.length === 0) return new Map();
  const { answers } = await post("drawings/answers", { drawings: digits.map(({ id }) => id) });
  return new Map(answers.map(({ drawing, ...reading }) => [drawing, reading]));
}

/**
 * @param {Own[]} drawings @param {Map<string, Reading>} readings
 * @returns {string} as "It read 5 of your 9 as shipped, and 8 now."; empty where there is nothing
 */
export function handWords(drawings, readings) {
  const read = drawings.filter(({ id }) => readings.has(id));
  if (read.length === 0) return "";
  const right = (which) => read.filter(({ id, digit }) => readings.get(id)[which] === String(digit)).length;
  const [shipped, now] = [right("shipped"), right("now")];
  if (read.length === 1 && shipped === now) return now ? text("It reads your one drawing.") : text("It does not read your one drawing yet.");
  return text("It read {shipped} of your {count} as shipped, and {now} now.", { shipped, count: read.length, now });
}

function parsed(kept) {
  try {
    return JSON.parse(kept);
  } catch {
    return null; // not ours
  }
}
