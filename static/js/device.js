// The four models on the visitor's own device: what the server answers, without asking it.

import { digitOf, SIDE } from "./digit_picture.js";
import { asMaps, convolved, dense, pooled, rectified, softmax } from "./nets.js";
import { text } from "./texts.js";
import { SERVER, unpack } from "./weights.js";

const UNSURE = 0.5; // both retrained nets below it, and not of one mind: no answer
const TOP = 3;
const AROUND = { before: 1, after: 2 }; // zeros around what the CNN's windows of four see

/** @typedef {import("./nets.js").Dense} Dense */
/** @typedef {Dense[]} Layers a hidden layer, and the output */
/** @typedef {{fnn: Layers, cnn: Layers, windows: Record<string, Float32Array>}} Nets */
/** What the server answers to a picture. @typedef {{answer: string | null, message: string, code: string, version: number,
 *   digits: number[], models: Record<string, import("./models.js").Top3>, input: string}} Answer */

export class Device {
  /** @type {import("./weights.js").Arrays} */
  #arrays = null;
  /** @type {Nets} */
  #original = null;
  /** @type {Nets} */
  #retrained = null;
  /** @type {{windows: Record<string, Float32Array>, layers: Layers, threshold: number} | null} */
  #unlikeDigits = null;
  #addresses = null;
  #thumbnail = document.createElement("canvas");

  constructor() {
    this.#thumbnail.width = this.#thumbnail.height = SIDE;
  }

  /** @returns {boolean} whether it can answer */
  get ready() {
    return this.#retrained !== null;
  }

  /** @returns {number} the version that answers */
  get version() {
    return this.#addresses?.version ?? 0;
  }

  /** Fetch the newest weights, as far as they are not here. @param {import("./weights.js").Source} [source] */
  async refresh(source = SERVER) {
    const found = await source.addresses();
    if (this.#addresses?.originals !== found.originals) {
      this.#takeOriginals(await unpack(await source.content(found.originals)));
    }
    if (this.ready && this.version === found.version) return;
    const moved = found.retrained ? await unpack(await source.content(found.retrained), this.#arrays) : null;
    this.#retrained = moved ? netsOf({ ...this.#arrays, ...moved }, this.#original, moved) : this.#original;
    this.#addresses = found;
  }

  #takeOriginals(arrays) {
    this.#arrays = arrays;
    this.#original = netsOf(arrays, null, arrays);
    const threshold = arrays["unlike_digits/threshold"]?.[0];
    this.#unlikeDigits = threshold === undefined ? null : {
      windows: windowsOf("unlike_digits", arrays), layers: layersOf("unlike_digits", "dense", arrays), threshold,
    };
  }

  /**
   * @param {ImageData} picture of a drawing, black on white
   * @returns {Answer | null} null where this device cannot tell: nothing is drawn, or hardly any white is left
   */
  answer({ data, width, height }) {
    const digit = this.ready && digitOf(data, width, height);
    if (!digit) return null;
    const { probabilities, isDigit, chosen } = this.answerTo(digit);
    const { fnn_retrained: fnn, cnn_retrained: cnn } = probabilities;
    const models = Object.entries(probabilities).map(([model, said]) => [model, best(said)]);
    return {
      answer: chosen === null ? null : String(chosen), ...why(chosen, isDigit), version: this.version,
      digits: [...(Math.max(...fnn) > Math.max(...cnn) ? fnn : cnn)],
      models: Object.fromEntries(models), input: this.#picture(digit),
    };
  }

  /**
   * @param {Float32Array} digit 784 values
   * @returns {{probabilities: Record<string, Float32Array>, isDigit: boolean, chosen: number | null}}
   *   what each model says, whether it looks like a digit, and the app's answer
   */
  answerTo(digit) {
    const probabilities = this.#probabilities(digit);
    const isDigit = this.#isDigit(digit);
    const chosen = isDigit ? selected(probabilities.fnn_retrained, probabilities.cnn_retrained) : null;
    return { probabilities, isDigit, chosen };
  }

  #probabilities(digit) {
    const [original, retrained] = [this.#original, this.#retrained];
    const features = cnnFeatures(digit, original.windows);
    const [fnn, cnn] = [asked(original.fnn, digit), asked(original.cnn, features)];
    if (retrained === original) return { fnn, fnn_retrained: fnn, cnn, cnn_retrained: cnn };
    const moved = retrained.windows === original.windows ? features : cnnFeatures(digit, retrained.windows);
    return { fnn, fnn_retrained: asked(retrained.fnn, digit), cnn, cnn_retrained: asked(retrained.cnn, moved) };
  }

  /** How unlike digits it is, as unlike_digits.py has it: the log-odds that it is none. */
  #isDigit(digit) {
    if (!this.#unlikeDigits) return true;
    const { windows, layers, threshold } = this.#unlikeDigits;
    const first = convolved(asMaps(digit), windows.conv1_kernel, windows.conv1_bias, { stride: 2 });
    const second = convolved(first, windows.conv2_kernel, windows.conv2_bias, { stride: 2 });
    const scores = scoresOf(layers, second.values);
    const most = Math.max(...scores.subarray(0, 10));
    const sum = scores.subarray(0, 10).reduce((total, score) => total + Math.exp(score - most), 0);
    return scores[10] - most - Math.log(sum) <= threshold;
  }

  #picture(digit) {
    const context = this.#thumbnail.getContext("2d", { willReadFrequently: true });
    const image = context.createImageData(SIDE, SIDE);
    digit.forEach((value, i) => image.data.set([value * 255, value * 255, value * 255, 255].map(Math.round), 4 * i));
    context.putImageData(image, 0, 0);
    return this.#thumbnail.toDataURL("image/png");
  }
}

/** The nets of arrays; what was not moved is the originals' own. @returns {Nets} */
function netsOf(arrays, original, moved) {
  const has = (prefix) => Object.keys(moved).some((name) => name.startsWith(prefix));
  return {
    fnn: layersOf("fnn", "hidden", arrays),
    cnn: layersOf("cnn", "dense", arrays),
    windows: has("cnn/conv") ? windowsOf("cnn", arrays) : original.windows,
  };
}

/** @returns {Layers} */
const layersOf = (net, hidden, arrays) => [hidden, "output"].map(
  (layer) => ({ kernel: arrays[`${net}/${layer}_kernel`], bias: arrays[`${net}/${layer}_bias`] }),
);

const windowsOf = (net, arrays) => Object.fromEntries(
  ["conv1_kernel", "conv1_bias", "conv2_kernel", "conv2_bias"].map((name) => [name, arrays[`${net}/${name}`]]),
);

/** @returns {Float32Array} what the CNN's dense layers see, 1568 values */
function cnnFeatures(digit, windows) {
  const first = pooled(convolved(asMaps(digit), windows.conv1_kernel, windows.conv1_bias, AROUND));
  return pooled(convolved(first, windows.conv2_kernel, windows.conv2_bias, AROUND)).values;
}

/** @param {Layers} layers @param {Float32Array} inputs */
const scoresOf = ([hidden, output], inputs) => dense(output, rectified(dense(hidden, inputs)));
const asked = (layers, inputs) => softmax(scoresOf(layers, inputs));

/** The app's answer, as functions.py selects it. */
function selected(fnn, cnn) {
  const [first, second] = [fnn.indexOf(Math.max(...fnn)), cnn.indexOf(Math.max(...cnn))];
  if (first === second) return second;
  if (fnn[first] < UNSURE && cnn[second] < UNSURE) return null;
  return cnn[second] >= fnn[first] ? second : first;
}

/** The server's words where there is no answer. */
function why(chosen, isDigit) {
  if (!isDigit) return { message: text("This does not look like a digit to me."), code: "no digit" };
  return chosen === null ? { message: text("I am not sure what this is."), code: "unsure" } : { message: "", code: "" };
}

/** @returns {import("./models.js").Top3} the three likeliest, surest first */
const best = (probabilities) => [...probabilities.entries()].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  .slice(0, TOP).map(([digit, probability]) => ({ digit, probability }));
