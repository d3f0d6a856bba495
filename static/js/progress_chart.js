// The chart of the Progress page: five lines by uPlot, in the page's own colours.

import { models } from "./dom.js";

const COLOURS = { answer: "--ink", original: "--bar", retrained: "--accent" }; // by kind
const DASHES = [[5, 4], undefined, [2, 3], [8, 3, 2, 3]]; // by network, in the table's order
const RATIO = 0.42, LEAST = 220, MOST = 380; // height by width; pixels
const BESIDE = 2; // pixels between lines that would cover each other
const SETTLED = 20; // labels: before, one more moves a line by leaps
const WHOLE = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].flatMap((n) => [n, 2 * n, 5 * n]);
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @typedef {{labels: number[], overall: Record<string, number[]>, recent: Record<string, number[]>}} Lines */

/** The chart's box, its key, and the buttons that choose which labels count. */
export class Chart {
  #box;
  #buttons;
  #tell;
  #lines = null;
  #which = "overall";
  #plot = null;
  #resized = new ResizeObserver(() => this.#plot?.setSize(sizeOf(this.#box)));
  #onScheme = () => this.#drawAnew();

  /** @param {HTMLElement} page where they are: the first label brings another page */
  constructor(page) {
    this.#box = page.querySelector("#chart");
    this.#buttons = [...page.querySelectorAll("[data-lines]")];
    this.#tell = keyOf(page);
    for (const button of this.#buttons) button.addEventListener("click", () => this.#choose(button));
    page.querySelector(".choice").hidden = false;
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
    if (this.#plot) this.#showData();
  }

  #drawAnew() {
    if (!this.#lines) return;
    this.#plot?.destroy();
    this.#plot = new globalThis.uPlot(options(this.#box, (index) => this.#tellOf(index)), this.#data, this.#box);
    this.#tellOf(null);
  }

  #showData() {
    this.#plot.setData(this.#data);
    this.#tellOf(null);
  }

  #tellOf(index) {
    this.#tell(this.#lines, this.#which, index);
  }

  /** A finger points as the mouse does, which uPlot knows alone. */
  #touched({ pointerType, clientX, clientY }) {
    if (pointerType !== "touch" || !this.#plot) return;
    const { left, top } = this.#plot.over.getBoundingClientRect();
    this.#plot.setCursor({ left: clientX - left, top: clientY - top });
  }

  get #data() {
    const { labels, [this.#which]: all } = this.#lines;
    return [labels, ...apart(labels, drawn().map(({ key }) => all[key]), this.#box)];
  }
}

/** Lines that coincide, moved beside each other, so that each is seen; the key tells the figures. */
function apart(labels, lines, box) {
  const [low, high] = rangeOf(labels, lines);
  const step = (BESIDE * (high - low)) / sizeOf(box).height;
  return lines.map((line, i) => line.map((part) => Math.max(low, part) + step * ((lines.length - 1) / 2 - i)));
}

/** Fills the key with the figures under the pointer, else the newest ones. */
function keyOf(page) {
  const values = new Map(
    [...page.querySelectorAll(".key [data-model]")].map((row) => [row.dataset.model, row.querySelector("[data-value]")]),
  );
  const where = page.querySelector("#chart-at");
  return (lines, which, index) => {
    const at = index ?? lines.labels.length - 1;
    for (const [model, element] of values) element.textContent = share(lines[which][model][at]);
    const labels = lines.labels[at].toLocaleString("en");
    where.textContent = `${index === null ? "Now, after" : "After"} ${labels} label${lines.labels[at] === 1 ? "" : "s"}`;
  };
}

/** 100 only where all were right. */
const share = (part) => `${part === 1 ? 100 : Math.min(99.9, 100 * part).toFixed(1)}\u00a0%`;

function sizeOf(box) {
  const width = Math.max(200, Math.floor(box.clientWidth));
  return { width, height: Math.round(Math.min(MOST, Math.max(LEAST, width * RATIO))) };
}

function options(box, tell) {
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
    scales: { x: { time: false, range: xRange }, y: { range: ({ data: [labels, ...lines] }) => rangeOf(labels, lines) } },
    axes: [
      { ...axis, size: 28, space: 70, label: "labels", labelSize: 18, labelFont: axis.font, incrs: WHOLE, values: (_, all) => all.map((n) => n.toLocaleString("en")) },
      { ...axis, size: 48, space: 40, values: (_, all) => all.map((part) => `${+(100 * part).toFixed(1)} %`) },
    ],
    series: [{}, ...drawn().map((model) => lineOf(model, colour))],
    hooks: { setCursor: [({ cursor }) => tell(cursor.idx ?? null)] },
  };
}

/** The lines of the chart: the app's answer, then every model. */
const drawn = () => [{ key: "answer", kind: "answer" }, ...models()];

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

/**
 * From a round number below the lines to a little over 100 %, where they may lie side by side. The
 * leaps of the first few labels would leave no room for the rest: they end at the edge.
 */
function rangeOf(labels, shares) {
  const from = Math.max(0, labels.findIndex((count) => count >= SETTLED));
  const low = Math.min(0.9, ...shares.flatMap((all) => all.slice(from)));
  return [Math.max(0, Math.floor(low * 20 - 0.01) / 20), 1.01];
}
