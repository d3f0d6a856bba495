// The receipt: what the models made of a labelled drawing, in words and in bars.

import { percentPair } from "./words.js";

/** @typedef {{before: number, after: number}} Move a digit's probability before and after learning */
/** @typedef {{state: string, receipt?: Record<string, Move> | null}} Receipt */

const NETS = [["cnn_retrained", "CNN"], ["fnn_retrained", "FNN"]];

/**
 * @param {Receipt} result the server's answer to a label
 * @param {number} digit the label
 * @returns {string} as "Learned. The CNN now gives your 7 97 %; before, 52 %. The FNN …"
 */
export function receiptWords({ state, receipt }, digit) {
  if (state === "rejected") {
    return "Saved, but not learned: the models could make nothing good of it.";
  }
  if (state !== "trained") return "Saved. The models will learn it in a moment.";
  const moves = netMoves(receipt);
  return ["Learned.", ...moves.map(([net, move], i) => sentence(net, move, i === 0 ? digit : null))].join(" ");
}

/**
 * Draw a pair of bars for each net: before, and after.
 * @param {HTMLElement} box
 * @param {Receipt} result
 */
export function drawReceipt(box, { state, receipt }) {
  const moves = state === "trained" ? netMoves(receipt) : [];
  box.replaceChildren(...moves.map(([net, move]) => pair(net, move)));
}

function netMoves(receipt) {
  return NETS.filter(([key]) => receipt?.[key]).map(([key, net]) => [net, receipt[key]]);
}

/** The first sentence names the digit; the second leans on it. */
function sentence(net, move, digit) {
  const { before, after, moved } = percentPair(move.before, move.after);
  const gives = digit === null ? "" : ` gives your ${digit}`;
  if (!moved) return `The ${net} still${gives} ${after}.`;
  return `The ${net}${digit === null ? "" : ` now${gives}`} ${after}; before, ${before}.`;
}

function pair(net, move) {
  const group = make("div", "pair");
  group.append(make("span", "pair-net", net));
  const texts = percentPair(move.before, move.after);
  for (const when of ["before", "after"]) {
    const fill = make("span", "bar-fill");
    fill.style.setProperty("--part", move[when]);
    const bar = make("span", "bar");
    bar.append(fill);
    group.append(make("span", `pair-when pair-${when}`, when), bar, make("span", "bar-percent", texts[when]));
  }
  return group;
}

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
