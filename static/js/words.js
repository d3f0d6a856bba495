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
 * @param {number} difference −1 to 1
 * @returns {string} as "+3 %" or "−0.4 %"; empty where it would read as zero
 */
export function signedPercent(difference) {
  const size = Math.abs(difference);
  const decimals = size < 0.0095 ? 1 : 0;
  if (size < 0.0005) return "";
  return `${difference > 0 ? "+" : "−"}${percent(size, decimals)}`;
}
