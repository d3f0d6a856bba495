// The nets in plain JavaScript: what each says of a digit, and what it sees on the way.
//
// Arrays are float32 and lie as the server has them: a convolution's kernel as (row, column, in,
// out), planes as (row, column, channel). tests/serving/test_on_device.py compares with the server's
// LiteRT and numpy.

import { SIDE } from "./digit_picture.js";

/** @typedef {Record<string, Float32Array>} Weights arrays by name */
/** @typedef {{side: number, channels: number, values: Float32Array}} Maps square planes, channels last */

/**
 * A layer that weighs all of its inputs.
 * @typedef {{kernel: Float32Array, bias: Float32Array}} Dense kernel: (inputs, outputs)
 */

/** @param {Dense} layer @param {Float32Array} inputs @returns {Float32Array} its outputs */
export function dense({ kernel, bias }, inputs) {
  const sums = Float32Array.from(bias), used = new Used(inputs.length);
  for (let i = 0; i < inputs.length; i += 1) used.add(inputs[i], i * bias.length);
  used.addTo(sums, 0, bias.length, kernel);
  return sums;
}

/** Inputs that are not 0, each with where its weights begin: most are 0, and cost nothing. */
class Used {
  /** @param {number} most */
  constructor(most) {
    this.values = new Float64Array(most);
    this.starts = new Uint32Array(most);
    this.count = 0;
  }

  add(value, start) {
    if (value === 0) return;
    this.values[this.count] = value;
    this.starts[this.count] = start;
    this.count += 1;
  }

  /** Add to `length` sums what the inputs weigh; four at once, so that each sum is moved less often. */
  addTo(sums, at, length, kernel) {
    const { values, starts, count } = this;
    let i = 0;
    for (; i + 3 < count; i += 4) {
      const a = values[i], b = values[i + 1], c = values[i + 2], d = values[i + 3];
      const p = starts[i], q = starts[i + 1], r = starts[i + 2], s = starts[i + 3];
      for (let o = 0; o < length; o += 1) {
        sums[at + o] += a * kernel[p + o] + b * kernel[q + o] + c * kernel[r + o] + d * kernel[s + o];
      }
    }
    for (; i < count; i += 1) {
      const value = values[i], start = starts[i];
      for (let o = 0; o < length; o += 1) sums[at + o] += value * kernel[start + o];
    }
  }
}

/** Negative values become 0, in place. @param {Float32Array} values */
export function rectified(values) {
  for (let i = 0; i < values.length; i += 1) if (values[i] < 0) values[i] = 0;
  return values;
}

/** @param {Float32Array} scores @returns {Float32Array} probabilities */
export function softmax(scores) {
  const most = scores.reduce((best, score) => Math.max(best, score), -Infinity);
  const found = scores.map((score) => Math.exp(score - most));
  const sum = found.reduce((total, part) => total + part, 0);
  return found.map((part) => part / sum);
}

/**
 * @param {Maps} maps @param {Float32Array} kernel (size, size, in, out) @param {Float32Array} bias
 * @param {{stride?: number, before?: number, after?: number}} [how] rows and columns of zeros around
 * @returns {Maps} after ReLU
 */
export function convolved({ side, channels, values }, kernel, bias, { stride = 1, before = 0, after = 0 } = {}) {
  const out = bias.length, size = Math.round(Math.sqrt(kernel.length / channels / out));
  const places = Math.floor((side + before + after - size) / stride) + 1;
  const found = new Float32Array(places * places * out), used = new Used(size * size * channels);
  for (let place = 0; place < places * places; place += 1) {
    const top = Math.floor(place / places) * stride - before, left = (place % places) * stride - before;
    const [firstRow, endRow, firstColumn, endColumn] = [...within(top, size, side), ...within(left, size, side)];
    used.count = 0;
    for (let row = firstRow; row < endRow; row += 1) {
      for (let column = firstColumn; column < endColumn; column += 1) {
        const from = ((top + row) * side + left + column) * channels, weights = (row * size + column) * channels;
        for (let c = 0; c < channels; c += 1) used.add(values[from + c], (weights + c) * out);
      }
    }
    found.set(bias, place * out);
    used.addTo(found, place * out, out, kernel);
  }
  return { side: places, channels: out, values: rectified(found) };
}

/** Which rows, or columns, of a window lie within the maps: from one to before another. */
const within = (start, size, side) => [Math.max(0, -start), Math.min(size, side - start)];

/** @param {Maps} maps @returns {Maps} the greatest of each 2 × 2 */
export function pooled({ side, channels, values }) {
  const half = Math.floor(side / 2);
  const found = new Float32Array(half * half * channels);
  for (let y = 0; y < half; y += 1) {
    for (let x = 0; x < half; x += 1) {
      const at = (2 * y * side + 2 * x) * channels, to = (y * half + x) * channels;
      for (let c = 0; c < channels; c += 1) {
        const [a, b] = [at + c, at + side * channels + c];
        found[to + c] = Math.max(values[a], values[a + channels], values[b], values[b + channels]);
      }
    }
  }
  return { side: half, channels, values: found };
}

/** @param {Float32Array} digit 784 values @returns {Maps} */
export const asMaps = (digit) => ({ side: SIDE, channels: 1, values: digit });
