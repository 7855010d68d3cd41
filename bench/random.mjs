// Seeded random numbers, the same in every engine.

import { randomLcg, randomNormal, randomUniform } from 'd3-random';

/** `count` numbers, uniform in [0, 1). */
export function uniformNumbers(seed, count) {
  return Float64Array.from({ length: count }, randomUniform.source(randomLcg(seed))());
}

/** `count` numbers with mean 0 and variance 1. */
export function normalNumbers(seed, count) {
  return Float32Array.from({ length: count }, randomNormal.source(randomLcg(seed))());
}
