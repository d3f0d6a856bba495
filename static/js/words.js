// Probabilities in words and numbers that a visitor reads.

const MOST_DECIMALS = 3; // of a percentage: one label moves a net that is sure by very little
const SPACE = "\u00a0"; // keeps a number and its sign on one line

/**
 * @param {number} probability 0 to 1
 * @param {number} [decimals]
 * @returns {string} as "97 %"
 */
export function percent(probability, decimals = 0) {
  return `${(100 * probability).toFixed(decimals)}${SPACE}%`;
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
 * @returns {string} as "+4", or "−0.4" where whole numbers do not tell them apart; empty where one
 *   decimal does not either
 */
export function points(before, after) {
  for (const decimals of [0, 1]) {
    const [from, to] = [before, after].map((part) => (100 * part).toFixed(decimals));
    const by = Number(to) - Number(from);
    if (from !== to) return `${by > 0 ? "+" : "−"}${Math.abs(by).toFixed(decimals)}`;
  }
  return "";
}

/**
 * @param {string | number} digit
 * @returns {string} as "an 8" or "a 7"
 */
export function aDigit(digit) {
  return `${String(digit) === "8" ? "an" : "a"} ${digit}`;
}

/** @type {[string, number][]} */
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

/**
 * @param {string} moment as the server writes it @param {number} [now] in ms
 * @returns {string} as "3 days ago"
 */
export function ago(moment, now = Date.now()) {
  const seconds = (now - Date.parse(moment)) / 1000;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "just now";
}
