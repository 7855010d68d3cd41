// Medians, their spread, and ratios within rounds.

import { median, quantile } from 'd3-array';

/** The median, and the quartiles around it: half of the samples lie between `low` and `high`. */
export function spreadOf(samples) {
  return { median: median(samples), low: quantile(samples, 0.25), high: quantile(samples, 0.75) };
}

/** The median of the ratios of each round. A round that is slow as a whole changes no ratio. */
export function ratioOf(numerators, denominators) {
  const rounds = Math.min(numerators.length, denominators.length);
  return median(numerators.slice(0, rounds), (numerator, round) => numerator / denominators[round]);
}
