import { DEFAULT_SEED, LARGEST_SEED } from '../numbers/seeded.ts';
import { flag, numbers, oneOf, walk, wholeNumber } from '../state/fields.ts';
import { part } from '../state/part.ts';

/** What the lanes run towards. */
export const TARGETS = {
  article: [8.6, 9.6],
  middle: [8, 9],
} as const;
const TARGET_NAMES = ['article', 'middle'] as const satisfies readonly (keyof typeof TARGETS)[];

/** After so many steps every lane has arrived at either target. */
export const MOST_STEPS = 400;

export const LANES = part('lanes', {
  target: oneOf(TARGET_NAMES),
  steps: walk(wholeNumber(0, 0, MOST_STEPS)),
});

/** The depths that the reader can choose. */
export const POWERS = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

export const SPREAD = part('spread', {
  seed: wholeNumber(DEFAULT_SEED, 0, LARGEST_SEED),
  depth: oneOf(POWERS, 64),
  /** The charts show the answer of the question, so they wait for the guess. */
  shown: walk(flag()),
});

export const SOFTMAX = part('softmax', { scores: numbers([1, 2, 3]) });
