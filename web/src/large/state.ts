import { LARGEST_SEED } from '../numbers/seeded.ts';
import { decimal, oneOf, walk, wholeNumber } from '../state/fields.ts';
import { part, type StateOf } from '../state/part.ts';

export const LENGTHS = [128, 256, 512, 1024] as const;
const LONGEST = 1024;
export const PATTERNS = ['full', 'causal', 'window'] as const;
export const FARTHEST = 256;
/** Exponents of two: the slider goes from a quarter to four times the usual scale. */
export const SHARPNESS = { least: -2, most: 2, step: 0.05 } as const;

export const LARGE = part('large', {
  seed: wholeNumber(7, 0, LARGEST_SEED),
  length: oneOf(LENGTHS, 512),
  exponent: decimal(0, SHARPNESS.least, SHARPNESS.most),
  pattern: oneOf(PATTERNS),
  /** Keys on either side of the query, for the pattern 'window'. */
  reach: wholeNumber(64, 0, FARTHEST),
  /** The weight that is read out; it may lie beyond a shorter text. */
  query: walk(wholeNumber(255, 0, LONGEST - 1)),
  key: walk(wholeNumber(255, 0, LONGEST - 1)),
});

export type LargeState = StateOf<typeof LARGE>;
