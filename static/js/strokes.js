// The drawing as data: pen strokes in canvas units (0 to 280), with the time of each point.

/** Side of the square canvas, in canvas units, however large it is on the screen. */
export const SIZE = 280;

/** Points closer than this (canvas units) to the one before them add nothing but bytes. */
const NEAREST = 0.5;

/** @typedef {[number[], number[], number[]]} Stroke x, y (canvas units), t (ms since the first point) */

const withinCanvas = (value) => Math.round(Math.min(SIZE, Math.max(0, value)) * 10) / 10;

/** The strokes of one drawing, in the order in which they were drawn. */
export class Strokes {
  /** @type {Stroke[]} */
  #list = [];
  #start = 0;

  /** @returns {boolean} true where nothing is drawn */
  get empty() {
    return this.#list.length === 0;
  }

  /** @returns {Stroke[]} the strokes themselves, to be read and not changed */
  get list() {
    return this.#list;
  }

  /**
   * Start a stroke with its first point.
   * @param {number} x @param {number} y canvas units @param {number} time ms on any clock
   */
  begin(x, y, time) {
    if (this.empty) this.#start = time;
    this.#list.push([[], [], []]);
    this.#add(withinCanvas(x), withinCanvas(y), time);
  }

  /**
   * Add a point to the last stroke.
   * @param {number} x @param {number} y canvas units @param {number} time ms on the clock of `begin`
   */
  extend(x, y, time) {
    const [xs, ys] = this.#list.at(-1);
    const [nextX, nextY] = [withinCanvas(x), withinCanvas(y)];
    if (Math.hypot(nextX - xs.at(-1), nextY - ys.at(-1)) < NEAREST) return;
    this.#add(nextX, nextY, time);
  }

  /** Take the last stroke back. */
  undo() {
    this.#list.pop();
  }

  /** Take all strokes back. */
  clear() {
    this.#list = [];
  }

  /** @returns {Stroke[]} a copy that later strokes do not change */
  copy() {
    return structuredClone(this.#list);
  }

  #add(x, y, time) {
    const [xs, ys, ts] = this.#list.at(-1);
    xs.push(x);
    ys.push(y);
    ts.push(Math.max(0, Math.round(time - this.#start)));
  }
}
