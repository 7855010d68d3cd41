import { CIVIDIS } from '../numbers/cividis.ts';

/**
 * Weights of a long row are mostly tiny, so colour goes by the fourth root: from 0, dark, to 1. The ends
 * are the same for every picture, so that two of them can be compared.
 */
export function brightness(weight: number): number {
  return Math.sqrt(Math.sqrt(weight));
}

/** RGBA as a canvas has it in memory, red first, on the little-endian machines that run WebAssembly. */
const shades = Uint32Array.from(
  CIVIDIS,
  (rgb) => (rgb >>> 16) | (rgb & 0xff00) | ((rgb & 0xff) << 16) | (255 << 24),
);

/**
 * A float32 keeps its order when its bits are read as a whole number, so the upper half of them is an
 * index that needs no arithmetic: seven bits of the mantissa are finer than the shades are.
 */
const DROPPED_BITS = 16;
const colourOf = colourTable();

function colourTable(): Uint32Array {
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  value[0] = 1;
  const table = new Uint32Array(((bits[0] ?? 0) >>> DROPPED_BITS) + 1);
  for (let index = 0; index < table.length; index++) {
    bits[0] = index << DROPPED_BITS;
    table[index] = shades[Math.round(brightness(value[0] ?? 0) * (shades.length - 1))] ?? 0;
  }
  return table;
}

/** The colour of each weight, written to `pixels`. */
export function paint(weights: Float32Array, pixels: ArrayBuffer): void {
  const bits = new Uint32Array(weights.buffer, weights.byteOffset, weights.length);
  const colours = new Uint32Array(pixels);
  for (let i = 0; i < bits.length; i++) {
    colours[i] = colourOf[(bits[i] ?? 0) >>> DROPPED_BITS] ?? 0;
  }
}

/** The shades in their order, as one row of pixels. */
export function legendPixels(): ImageData {
  return new ImageData(new Uint8ClampedArray(shades.slice().buffer), shades.length, 1);
}
