import { CIVIDIS } from '../numbers/cividis.ts';

/**
 * Weights of a long row are mostly tiny, so the colour depends on the fourth root: from 0, dark, to 1.
 * The ends are the same for every picture, so that pictures can be compared.
 */
export function brightness(weight: number): number {
  return Math.sqrt(Math.sqrt(weight));
}

/** RGBA in the memory order of a canvas, red first, on little-endian machines. */
const shades = Uint32Array.from(
  CIVIDIS,
  (rgb) => (rgb >>> 16) | (rgb & 0xff00) | ((rgb & 0xff) << 16) | (255 << 24),
);

/**
 * The bits of positive float32 numbers, read as integers, have the same order as the numbers. So the
 * upper half of the bits is an index into a table. Its seven bits of mantissa are finer than the shades.
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
