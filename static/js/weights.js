// The nets' weights, fetched from the server and unpacked (inkling/serving/weight_packs.py).

import { get } from "./api.js";

const SLICE = 65_536; // numbers: a millisecond or two

/** @typedef {Record<string, Float32Array>} Arrays by name, as "cnn/dense_kernel" */
/** @typedef {{version: number, originals: string, retrained: string | null}} Addresses */

/**
 * @typedef {object} Source of weights
 * @property {() => Promise<Addresses>} addresses where the newest are
 * @property {(address: string) => Promise<ArrayBuffer>} content a pack; a browser keeps it for good
 */

/** @type {Source} */
export const SERVER = { addresses: () => get("weights"), content };

async function content(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answered ${response.status}.`);
  return response.arrayBuffer();
}

/**
 * A slice at a time, so that the page goes on meanwhile.
 * @param {ArrayBuffer} pack
 * @param {Arrays} [before] what it tells the difference to
 * @returns {Promise<Arrays>}
 */
export async function unpack(pack, before) {
  const length = new DataView(pack).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(pack, 4, length)));
  const bytes = new Uint8Array(pack, 4 + length), bits = new Uint32Array(bytes.length / 4);
  const arrays = {};
  let at = 0;
  for (const [name, shape] of Object.entries(header)) {
    const end = at + shape.reduce((product, side) => product * side, 1);
    arrays[name] = new Float32Array(bits.buffer, 4 * at, end - at);
    const old = before && new Uint32Array(before[name].buffer, before[name].byteOffset, end - at);
    for (let start = at; start < end; start += SLICE) {
      together(bytes, bits, start, Math.min(end, start + SLICE), old, at);
      await breath();
    }
    at = end;
  }
  return arrays;
}

/** Numbers of four bytes that lie apart, first the lowest of each; told by the difference to old ones. */
function together(bytes, bits, start, end, old, first) {
  const count = bits.length;
  for (let i = start; i < end; i += 1) {
    bits[i] = bytes[i] | (bytes[count + i] << 8) | (bytes[2 * count + i] << 16) | (bytes[3 * count + i] << 24);
    if (old) bits[i] ^= old[i - first];
  }
}

/** Let the page do what waits. */
const breath = () => globalThis["scheduler"]?.yield?.() ?? new Promise((resume) => setTimeout(resume));
