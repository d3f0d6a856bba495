// The chart of the Progress page: five lines by uPlot, in the page's own colours.

import { CURVES, drawn } from "./curves.js";
import { all, models } from "./dom.js";
import { number, plural, text } from "./texts.js";

const COLOURS = { answer: "--ink", original: "--bar", retrained: "--accent" }; // by kind
const DASHES = [[5, 4], undefined, [2, 3], [8, 3, 2, 3]]; // by network, in the table's order
const RATIO = 0.42, LEAST = 220, MOST = 380; // height by width; pixels
const BESIDE = 2; // pixels between lines that would cover each other
const WHOLE = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].flatMap((n) => [n, 2 * n, 5 * n]);
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @typedef {import("./curves.js").Lines} Lines */

/** The chart's box, its key, and the buttons that choose which labels count. */
export class Chart {
  #box;
  #buttons;
  #tell;
  #lines = null;
  /** The curves of `#lines` that are chosen. @type {import("./curves.js").Line[]} */
  #shown = [];
  #which = "saved";
  #plot = null;
  #resized = new ResizeObserver(() => this.#plot?.setSize(sizeOf(this.#box)));
  #onScheme = () => this.#drawAnew();

  /** @param {HTMLElement} page where they are: the first label brings another page */
  constructor(page) {
    this.#box = page.querySelector("#chart");
    this.#buttons = all(page, "[data-lines]");
    this.#tell = keyOf(page);
    for (const button of this.#buttons) button.addEventListener("click", () => this.#choose(button));
    page.querySelector(".choice").removeAttribute("hidden");
    for (const type of ["pointerdown", "pointermove"]) {
      this.#box.addEventListener(type, (event) => this.#touched(event));
    }
    this.#resized.observe(this.#box);
    dark.addEventListener("change", this.#onScheme);
  }

  /** @param {Lines} lines */
  show(lines) {
    this.#lines = lines;
    if (this.#plot) this.#showData();
    else this.#drawAnew();
  }

  /** Its page goes away. */
  remove() {
    this.#resized.disconnect();
    dark.removeEventListener("change", this.#onScheme);
    this.#plot?.destroy();
  }

  #choose(button) {
    this.#which = button.dataset.lines;
    for (const other of this.#buttons) other.setAttribute("aria-pressed", other === button);
    this.#drawAnew();
  }

  #drawAnew() {
    if (!this.#lines) return;
    this.#shown = this.#curve.of(this.#lines);
    this.#plot?.destroy();
    const chosen = options(this.#box, this.#curve, (index) => this.#tellOf(index));
    this.#plot = new globalThis.uPlot(chosen, this.#data, this.#box);
    this.#tellOf(null);
  }

  #showData() {
    this.#shown = this.#curve.of(this.#lines);
    this.#plot.setData(this.#data);
    this.#tellOf(null);
  }

  #tellOf(index) {
    this.#tell(this.#lines.labels, this.#curve, this.#shown, index);
  }

  /** A finger points as the mouse does, which uPlot knows alone. */
  #touched({ pointerType, clientX, clientY }) {
    if (pointerType !== "touch" || !this.#plot) return;
    const { left, top } = this.#plot.over.getBoundingClientRect();
    this.#plot.setCursor({ left: clientX - left, top: clientY - top });
  }

  get #curve() {
    return CURVES[this.#which];
  }

  get #data() {
    const { labels } = this.#lines;
    return [labels, ...apart(labels, this.#curve, this.#shown, this.#box)];
  }
}

/** Lines that coincide, moved beside each other, so that each is seen; the key tells the figures. */
function apart(labels, curve, lines, box) {
  const [low, high] = curve.range(labels, lines);
  const step = (BESIDE * (high - low)) / sizeOf(box).height;
  const moved = (part, i) => Math.max(low, part) + step * ((lines.length - 1) / 2 - i);
  return lines.map((line, i) => line.map((part) => (part === null ? null : moved(part, i))));
}

/** Fills the key with the figures under the pointer, else the newest ones. */
function keyOf(page) {
  const values = new Map(
    all(page, ".key [data-model]").map((row) => [row.dataset.model, row.querySelector("[data-value]")]),
  );
  const where = page.querySelector("#chart-at");
  return (labels, curve, lines, index) => {
    const at = index ?? labels.length - 1;
    drawn().forEach(({ key }, i) => {
      values.get(key).textContent = curve.told(lines[i][at]);
      values.get(key).closest("li").toggleAttribute("data-unused", lines[i][at] === null);
    });
    where.textContent = index === null
      ? plural(labels[at], "Now, after {count} label", "Now, after {count} labels")
      : plural(labels[at], "After {count} label", "After {count} labels");
  };
}

function sizeOf(box) {
  const width = Math.max(200, Math.floor(box.clientWidth));
  return { width, height: Math.round(Math.min(MOST, Math.max(LEAST, width * RATIO))) };
}

function options(box, curve, tell) {
  const style = getComputedStyle(box);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--soft"),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour("--track"), width: 1 },
    ticks: { show: false },
  };
  return {
    ...sizeOf(box),
    padding: [10, 22, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: false, range: xRange }, y: { range: ({ data: [labels, ...lines] }) => curve.range(labels, lines) } },
    axes: [
      { ...axis, size: 28, space: 70, label: text("labels"), labelSize: 18, labelFont: axis.font, incrs: WHOLE, values: (_, all) => all.map((n) => number(n)) },
      { ...axis, size: 48, space: 40, values: (_, all) => all.map(curve.axis) },
    ],
    series: [{}, ...drawn().map((model) => lineOf(model, colour))],
    hooks: { setCursor: [({ cursor }) => tell(cursor.idx ?? null)] },
  };
}

/** @param {{key: string, kind: string, network?: string}} model @param {(name: string) => string} colour */
function lineOf({ key, kind, network }, colour) {
  const networks = [...new Set(models().map((model) => model.network))];
  return {
    label: key,
    stroke: colour(COLOURS[kind]),
    width: key === "answer" ? 2.5 : 1.75,
    dash: DASHES[networks.indexOf(network)],
    points: { show: (plot) => plot.data[0].length === 1, size: 8 },
  };
}

/** One label alone is a point in the middle. */
const xRange = (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]);
