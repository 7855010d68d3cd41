/**
 * The inputs of "A Simple Guide to Transformers and Attention Mechanisms". Inputs only: every
 * result is computed.
 */
export const ARTICLE = {
  q: [[3, 4]],
  k: [
    [1, 2],
    [2, 3],
  ],
  v: [
    [7, 8],
    [9, 10],
  ],
} as const;

/** The weights that the article assumes instead of computing them. */
export const ASSUMED_WEIGHTS = [0.2, 0.8] as const;
