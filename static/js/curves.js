// What the chart of the Progress page can show: mistakes that learning saved, shares of right answers, or
// the mean probability of the right digit.

import { models } from "./dom.js";
import { number } from "./texts.js";

const SETTLED = 20; // labels: before, one more moves a line by leaps

/** @typedef {(number | null)[]} Line what is not drawn is null */
/**
 * @typedef {object} Lines as the server has them
 * @property {number[]} labels
 * @property {Record<string, number[]>} overall
 * @property {Record<string, number[]>} recent
 * @property {Record<string, Line>} probability of the models alone
 */

/**
 * @typedef {object} Curve
 * @property {(lines: Lines) => Line[]} of the answer's line, then each model's
 * @property {(labels: number[], lines: Line[]) => [number, number]} range of the axis
 * @property {(value: number) => string} axis a number on it
 * @property {(value: number | null) => string} told in the key
 */

/**
 * The lines of the chart: the app's answer, then every model.
 * @returns {{key: string, kind: string, network?: string}[]}
 */
export const drawn = () => [{ key: "answer", kind: "answer" }, ...models()];

/** @type {Curve} */
const saved = {
  of({ labels, overall }) {
    return drawn().map(({ key, kind, network }) => {
      const original = overall[models().find((model) => model.network === network)?.key];
      return labels.map((n, i) => (kind === "retrained" ? Math.round(n * (overall[key][i] - original[i])) : null));
    });
  },
  range(_, lines) {
    const all = known(lines.flat());
    return [Math.min(0, ...all) - 1, Math.max(1, ...all) + 1];
  },
  axis: (value) => (Number.isInteger(value) ? signed(value) : ""),
  told: (value) => (value === null ? "" : signed(value)),
};

/** @param {"overall" | "recent" | "probability"} which of the lines @returns {Curve} */
const shares = (which) => ({
  of: (lines) => drawn().map(({ key }) => lines[which][key] ?? lines.labels.map(() => null)),
  /**
   * From a round number below the lines to a little over 100 %, where they may lie side by side. The
   * leaps of the first few labels would leave no room for the rest: they end at the edge.
   */
  range(labels, lines) {
    const from = Math.max(0, labels.findIndex((count) => count >= SETTLED));
    const low = Math.min(0.9, ...known(lines.flatMap((all) => all.slice(from))));
    return [Math.max(0, Math.floor(low * 20 - 0.01) / 20), 1.01];
  },
  axis: (value) => `${number(100 * value, Number.isInteger(+(100 * value).toFixed(1)) ? 0 : 1)} %`,
  told: (value) => (value === null ? "" : `${value === 1 ? 100 : number(Math.min(99.9, 100 * value), 1)}\u00a0%`), // 100: all right
});

export const CURVES = { saved, probability: shares("probability"), overall: shares("overall"), recent: shares("recent") };

/** @param {Line} line */
const known = (line) => line.filter((value) => value !== null);
const signed = (value) => (value > 0 ? `+${value}` : String(value).replace("-", "−"));
