// Probabilities as a visitor reads them.

import { number, plural } from "./texts.js";

const MOST_DECIMALS = 3; // of a percentage: one label moves a net that is sure by very little
const SPACE = "\u00a0"; // keeps a number and its sign on one line

/**
 * @param {number} probability 0 to 1
 * @param {number} [decimals]
 * @returns {string} as "97 %"
 */
export function percent(probability, decimals = 0) {
  return `${number(100 * probability, decimals)}${SPACE}%`;
}

/**
 * Two probabilities with as few decimals (0 to 3) as tell them apart.
 * @param {number} before @param {number} after 0 to 1
 * @returns {{before: string, after: string, moved: boolean}} moved: false where both read the same
 */
export function percentPair(before, after) {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals += 1) {
    const [from, to] = [percent(before, decimals), percent(after, decimals)];
    if (from !== to) return { before: from, after: to, moved: true };
  }
  return { before: percent(before), after: percent(after), moved: false };
}

/**
 * How far apart two probabilities are, as they read: "49 %" and "53 %" are 4 points apart.
 * @param {number} before @param {number} after 0 to 1
 * @returns {{by: string, unit: string} | null} as "+4" and "points", or "−0.4" where whole numbers do
 *   not tell them apart; null where one decimal does not either
 */
export function points(before, after) {
  for (const decimals of [0, 1]) {
    const [from, to] = [before, after].map((part) => (100 * part).toFixed(decimals));
    if (from === to) continue;
    const size = number(Math.abs(Number(to) - Number(from)), decimals);
    const whole = plural(Math.abs(Number(to) - Number(from)), "{count} point", "{count} points", { count: size });
    return { by: `${Number(to) > Number(from) ? "+" : "−"}${size}`, unit: whole.replace(size, "").trim() };
  }
  return null;
}
