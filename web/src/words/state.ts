import { flag, matrix } from '../state/fields.ts';
import { part, type StateOf } from '../state/part.ts';

export const TOKENS = ['river', 'bank'] as const;
/** The word that asks in the worked example. */
export const ASKING = TOKENS.indexOf('bank');

/** Larger numbers would overflow single precision in the scores. */
export const LARGEST = 1e6;

/**
 * Made up, so that the queries, keys and values are those of the article: the matrices take the vectors
 * of "river" and "bank" to its keys and values, and "bank" to its query.
 */
export const WORDS = part('words', {
  x: matrix(
    [
      [1, 1],
      [0, 1],
    ],
    LARGEST,
  ),
  wq: matrix(
    [
      [1, -1],
      [3, 4],
    ],
    LARGEST,
  ),
  wk: matrix(
    [
      [-1, -1],
      [2, 3],
    ],
    LARGEST,
  ),
  wv: matrix(
    [
      [-2, -2],
      [9, 10],
    ],
    LARGEST,
  ),
  /** Whether the worked example shows these words. */
  opened: flag(),
});

export type WordsState = StateOf<typeof WORDS>;
export type WordsMatrix = 'x' | 'wq' | 'wk' | 'wv';
