import { randomLcg, randomNormal } from 'd3-random';
import type { Tensor } from 'qkv';

/**
 * Every random number of this page comes from a seed that is written beside it: the same seed gives the
 * same numbers, here and on every other device.
 */
export const DEFAULT_SEED = 40;
export const LARGEST_SEED = 999_999;

/** Neighbouring seeds start a linear congruential generator alike: its first numbers are passed over. */
const PASSED_OVER = 8;

/** Uniform in [0, 1). */
export function seededUniform(seed: number): () => number {
  const next = randomLcg(seed);
  for (let i = 0; i < PASSED_OVER; i++) next();
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
