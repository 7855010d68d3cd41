import type { Heads, Rows } from '../state/model.ts';

/**
 * The sentence of this section, and a query, a key and a value of each word for each of two heads. All
 * these numbers are made up, small enough to check by hand. Results are computed.
 */
export const WORDS = ['The', 'river', 'bank', 'was', 'steep'] as const;

export interface HeadOfWords {
  readonly name: string;
  /** What the head listens to, in words. */
  readonly listens: string;
  readonly q: Rows; // words × 2
  readonly k: Rows;
  readonly v: Rows;
}

/**
 * Positions count from −2 to 2. A key at position p is (p, −p²) and a query is (6(p − 1), 3), so their dot
 * product is 3(p − 1)² − 3d², where d is the key's distance from the word before. It is largest at that word.
 */
const WORD_BEFORE: HeadOfWords = {
  name: 'A',
  listens: 'the word before',
  q: [
    [-18, 3],
    [-12, 3],
    [-6, 3],
    [0, 3],
    [6, 3],
  ],
  k: [
    [-2, -4],
    [-1, -1],
    [0, 0],
    [1, -1],
    [2, -4],
  ],
  v: [
    [1, 0],
    [0, 4],
    [5, 2],
    [2, 1],
    [3, 3],
  ],
};

/**
 * A key's first number says “I am the thing that is described”, its second “I tell which one”. Every word
 * asks for the first, and the noun itself asks for the second.
 */
const RELATED_NOUN: HeadOfWords = {
  name: 'B',
  listens: 'the noun that belongs to it',
  q: [
    [1, -1],
    [2, -1],
    [0, 3],
    [1, 0],
    [2, 0],
  ],
  k: [
    [0, -1],
    [1, 2],
    [3, 0],
    [-1, 0],
    [0, 0],
  ],
  v: [
    [0, 1],
    [6, 0],
    [1, 5],
    [2, 0],
    [0, 2],
  ],
};

export const HEADS = [WORD_BEFORE, RELATED_NOUN] as const;

/** As the engine takes them: one matrix for each head. */
export const PROBLEM: Record<'q' | 'k' | 'v', Heads> = {
  q: HEADS.map(({ q }) => q),
  k: HEADS.map(({ k }) => k),
  v: HEADS.map(({ v }) => v),
};

/** W_O: rows are the numbers of head A, then those of head B; columns are the numbers that leave. */
export const OUTPUT_WEIGHTS: Rows = [
  [1, 0, 1, 0],
  [0, 1, 0, 1],
  [1, 0, 0, -1],
  [0, 1, -1, 0],
];
