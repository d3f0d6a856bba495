// The receipt: what the models made of a labelled drawing, in a sentence and a small picture.

import { announce } from "./announce.js";
import { byId, make, models } from "./dom.js";
import { slope } from "./slope.js";
import { aDigit, text } from "./texts.js";
import { percent, percentPair } from "./words.js";

/** @typedef {{before: number, after: number}} Move a digit's probability before and after learning */
/**
 * @typedef {{state: string, version?: number, receipt?: Record<string, Move> | null,
 *   reason?: string | null, input?: string}} Outcome the server's answer to a label, and the 28 × 28
 *   that the nets saw
 */

const KNEW = 0.995; // reads as 100 %: there was nothing to learn that a visitor would see
const BLIND = 0.005; // reads as 0 %

export class Receipt {
  /**
   * Say what was learned; draw what the nets saw, and how far each came: a line from before to after.
   * @param {Outcome} result @param {number | "none"} digit the label
   */
  show(result, digit) {
    const words = receiptWords(result, digit);
    byId("receipt-words").textContent = words;
    byId("receipt-picture").replaceChildren(...pictures(result, digit));
    announce(words);
  }
}

/**
 * @param {Outcome} result
 * @param {number | "none"} digit the label
 * @returns {string} as "Learned. The CNN is now 97 % sure that it is a 7 (52 % before). …"
 */
function receiptWords({ state, version, receipt, reason }, digit) {
  if (state === "rejected") return [text("Saved for review, but not learned."), ...(reason ? [reason] : [])].join(" ");
  if (state === "collected") return text("Kept as something that is no digit. Nothing was learned.");
  if (state !== "trained") return text("Saved. The models will learn it in a moment.");
  const moves = netMoves(receipt);
  if (moves.length && moves.every(([, move]) => knew(move))) {
    return text("Learned as version {version}. Both nets knew your {digit} already.", { version, digit });
  }
  const step = text("Learned as version {version}, by one small step.", { version });
  if (moves.length && moves.every(([, move]) => blind(move))) {
    return `${step} ${text("Both nets still see no {digit} in it.", { digit })}`;
  }
  const still = moves.length && moves.every(([, move]) => !percentPair(move.before, move.after).moved);
  const leans = moves.length && !blind(moves[0][1]);
  return [still ? step : text("Learned."), ...moves.map(([net, move], i) => sentence(net, move, digit, leans && i > 0))].join(" ");
}

/** @param {Outcome} result @param {number | "none"} digit */
function pictures({ state, receipt, input }, digit) {
  const moves = state === "trained" ? netMoves(receipt) : [];
  const saw = moves.length && input ? [thumbnail(input, digit)] : [];
  return [...saw, ...moves.map(([net, move]) => moved(net, move))];
}

function netMoves(receipt) {
  // The networks that read best come last in the table, and first in the receipt.
  const learned = models().filter(({ key }) => receipt?.[key]).reverse();
  return learned.map(({ key, title }) => [title, receipt[key]]);
}

const knew = ({ before, after }) => before >= KNEW && after >= KNEW;

const blind = ({ before, after }) => before < BLIND && after < BLIND;

/** The first sentence names the digit; the second leans on it where it can. */
function sentence(net, move, digit, leans) {
  if (knew(move)) return leans ? text("The {net} knew it already.", { net }) : text("The {net} knew your {digit} already.", { net, digit });
  if (blind(move)) return text("The {net} still sees no {digit} in it.", { net, digit });
  const { before, after, moved } = percentPair(move.before, move.after);
  const told = { net, before, after, digit: aDigit(digit) };
  if (leans && moved) return text("The {net} is now {after} sure ({before} before).", told);
  if (leans) return text("The {net} is still {after} sure.", told);
  if (moved) return text("The {net} is now {after} sure that it is {digit} ({before} before).", told);
  return text("The {net} is still {after} sure that it is {digit}.", told);
}

function thumbnail(input, digit) {
  const figure = make("div", "receipt-saw");
  const image = make("img", "");
  image.src = input;
  image.alt = "";
  figure.append(image, make("span", "receipt-digit", digit));
  return figure;
}

/** With one decimal at the most: the picture is small, and the sentence tells the rest. */
function endWords({ before, after }) {
  const pair = (decimals) => [percent(before, decimals), percent(after, decimals)];
  const [from, to] = pair(1);
  return percent(before) === percent(after) && from !== to ? [from, to] : pair(0);
}

function moved(net, move) {
  const [before, after] = endWords(move);
  const group = make("div", "move");
  const ends = make("p", "move-ends");
  ends.append(make("span", "", before), make("b", "", after));
  group.append(make("p", "move-net", net), slope(move.before, move.after), ends);
  return group;
}
