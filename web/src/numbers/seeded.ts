import { randomLcg, randomNormal } from 'd3-random';
import type { Tensor } from 'qkv';

/**
 * Every random number of the page comes from a seed that the page shows. The same seed gives the same
 * numbers on every device.
 */
export const DEFAULT_SEED = 40;
export const LARGEST_SEED = 999_999;

/** Neighbouring seeds give a linear congruential generator similar first numbers, so these are skipped. */
const SKIPPED = 8;

/** Uniform in [0, 1). */
export function seededUniform(seed: number): () => number {
  const next = randomLcg(seed);
  for (let i = 0; i < SKIPPED; i++) next();
  return next;
}

/** Mean 0, standard deviation 1, drawn from `uniform`. */
export function normalFrom(uniform: () => number): () => number {
  return randomNormal.source(uniform)();
}

export function randomTensor(next: () => number, shape: readonly number[]): Tensor {
  const data = new Float32Array(shape.reduce((size, side) => size * side, 1));
  for (let i = 0; i < data.length; i++) data[i] = next();
  return { data, shape };
}
