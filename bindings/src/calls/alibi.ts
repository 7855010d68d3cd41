import { expectNoMore } from '../extra-arguments.js';
import { asInteger } from './scalars.js';

const MOST_HEADS = 65536;

/**
 * Slopes for `alibiSlopes`, as "Train Short, Test Long" (arXiv:2108.12409) and its authors' code have them:
 * 2^(−8/n), 2^(−16/n), … for n heads if n is a power of 2. For another number of heads, those of the power
 * of 2 below it, and then every second one of twice as many.
 *
 * @param heads the number of query heads, from 0 to 65536
 */
export function alibiSlopes(heads: number): number[];
export function alibiSlopes(heads: number, ...more: unknown[]): number[] {
  expectNoMore('alibiSlopes(heads)', more);
  asInteger('heads', heads, 0, MOST_HEADS);
  const below = 2 ** Math.floor(Math.log2(Math.max(heads, 1)));
  const slope = (i: number) => 2 ** ((-8 * (i + 1)) / below);
  const between = (i: number) => 2 ** ((-4 * (2 * i + 1)) / below);
  return Array.from({ length: heads }, (_, i) => (i < below ? slope(i) : between(i - below)));
}
