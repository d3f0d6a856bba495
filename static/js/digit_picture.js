// What the nets see in a drawing, on the device: 28 × 28, the same as the server makes of a picture.
//
// The steps are those of functions.py, which has them for photographs too: the ink's box, scaled so
// that its longer side is 20, in the middle of 28 × 28. Scaling is Pillow's, step by step: a mean of
// whole blocks where the box is far too large, then Lanczos' filter, across and down, in float32.
// tests/serving/test_on_device.py holds both to the same digits.

export const SIDE = 28;
const INK_SIDE = 20, MIN_CONTRAST = 16, INK_THRESHOLD = 0.25;
const WHITE = 0xffffffff; // of four bytes
const LOBES = 3, REDUCING_GAP = 3; // of Lanczos' filter; blocks leave this much more than is needed

/** @typedef {{width: number, height: number, values: Float32Array}} Plane row by row */

/**
 * @param {Uint8ClampedArray | Uint8Array} pixels RGBA of a canvas, grey and opaque
 * @param {number} width @param {number} height
 * @returns {Float32Array | null | undefined} 784 values, 0 paper to 1 ink; null where nothing is
 *   drawn; undefined where less than half is white paper, which the server takes for a photograph
 */
export function digitOf(pixels, width, height) {
  const crop = cropped(pixels, width, height);
  return crop && centred(crop);
}

/** @returns {Plane | null | undefined} the ink in its box, 1 the darkest */
function cropped(pixels, width, height) {
  const { levels, counts, box: marked } = read(pixels, width, height);
  const paper = counts.findLastIndex((count) => count > 0);
  if (2 * counts[paper] <= levels.length) return undefined;
  const darkest = paper - counts.findIndex((count) => count > 0);
  if (darkest < MIN_CONTRAST) return null;
  const box = boxOf(levels, width, marked, paper - Math.floor(INK_THRESHOLD * darkest));
  const across = box.right - box.left + 1, down = box.bottom - box.top + 1;
  const values = new Float32Array(across * down);
  for (let y = 0; y < down; y += 1) {
    const from = (box.top + y) * width + box.left;
    for (let x = 0; x < across; x += 1) values[y * across + x] = (paper - levels[from + x]) / darkest;
  }
  return { width: across, height: down, values };
}

/** Grey levels, how many there are of each, and the box of all that is not white. */
function read(pixels, width, height) {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, width * height);
  const levels = new Uint8Array(words.length).fill(255), counts = new Uint32Array(256);
  const box = { left: width, right: 0, top: height, bottom: 0 };
  counts[255] = words.length;
  for (let y = 0, i = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, i += 1) {
      if (words[i] === WHITE) continue;
      levels[i] = pixels[4 * i];
      counts[255] -= 1;
      counts[levels[i]] += 1;
      widen(box, x, y);
    }
  }
  return { levels, counts, box };
}

/** The box around all that is darker than a level, within another box. */
function boxOf(levels, width, within, level) {
  const box = { left: width, right: 0, top: levels.length / width, bottom: 0 };
  for (let y = within.top; y <= within.bottom; y += 1) {
    for (let x = within.left; x <= within.right; x += 1) {
      if (levels[y * width + x] < level) widen(box, x, y);
    }
  }
  return box;
}

function widen(box, x, y) {
  if (x < box.left) box.left = x;
  if (x > box.right) box.right = x;
  if (y < box.top) box.top = y;
  if (y > box.bottom) box.bottom = y;
}

/** @param {Plane} crop */
function centred(crop) {
  const longer = Math.max(crop.width, crop.height);
  const [width, height] = [crop.width, crop.height].map((side) => Math.max(1, rounded((side * INK_SIDE) / longer)));
  const { values } = resized(crop, width, height);
  let most = 0;
  for (let i = 0; i < values.length; i += 1) {
    values[i] = Math.min(1, Math.max(0, values[i])); // Lanczos rings beyond both beside an edge
    most = Math.max(most, values[i]);
  }
  const digit = new Float32Array(SIDE * SIDE);
  const [top, left] = [height, width].map((side) => Math.floor((SIDE - side) / 2));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) digit[(top + y) * SIDE + left + x] = values[y * width + x] / most;
  }
  return digit;
}

/** Halves to the even number, as Python rounds. */
function rounded(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** @param {Plane} plane @param {number} width @param {number} height @returns {Plane} */
function resized(plane, width, height) {
  const [across, down] = [[plane.width, width], [plane.height, height]].map(
    ([from, to]) => Math.max(1, Math.floor(from / to / REDUCING_GAP)),
  );
  const small = across > 1 || down > 1 ? reduced(plane, across, down) : plane;
  const wide = filtered(small, weightsOf(small.width, plane.width / across, width), true);
  return filtered(wide, weightsOf(small.height, plane.height / down, height), false);
}

/** The mean of each block; those at the right and the bottom may be smaller. */
function reduced({ width, height, values }, across, down) {
  const small = { width: Math.ceil(width / across), height: Math.ceil(height / down) };
  const means = new Float32Array(small.width * small.height);
  for (let y = 0; y < small.height; y += 1) {
    for (let x = 0; x < small.width; x += 1) {
      const right = Math.min(width, (x + 1) * across), bottom = Math.min(height, (y + 1) * down);
      let sum = 0;
      for (let row = y * down; row < bottom; row += 1) {
        for (let column = x * across; column < right; column += 1) sum += values[row * width + column];
      }
      means[y * small.width + x] = sum / ((right - x * across) * (bottom - y * down));
    }
  }
  return { ...small, values: means };
}

/**
 * What each new place takes of the old ones, of which `count` are there and `length` are meant.
 * @returns {{first: number, weights: number[]}[]}
 */
function weightsOf(count, length, places) {
  const scale = length / places, wider = Math.max(1, scale), support = LOBES * wider;
  return Array.from({ length: places }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(count, Math.trunc(centre + support + 0.5));
    const weights = [];
    for (let i = first; i < end; i += 1) weights.push(lanczos((i - centre + 0.5) / wider));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function lanczos(x) {
  return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
}

function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {Plane} plane @param {{first: number, weights: number[]}[]} places @param {boolean} across */
function filtered({ width, height, values }, places, across) {
  const [columns, rows] = across ? [places.length, height] : [width, places.length];
  const found = new Float32Array(columns * rows);
  const step = across ? 1 : width;
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < columns; x += 1) {
      const { first, weights } = places[across ? x : y];
      const start = across ? y * width + first : first * width + x;
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1) sum += weights[i] * values[start + i * step];
      found[y * columns + x] = sum;
    }
  }
  return { width: columns, height: rows, values: found };
}
