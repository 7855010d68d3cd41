import { ARTICLE } from '../state/article.ts';
import type { Inputs } from './onlineSoftmax.ts';

/** The article's query, keys and values, and six more keys, so that there are several tiles. */
export const CONTINUED: Inputs = {
  query: ARTICLE.q[0],
  keys: [...ARTICLE.k, [0, 1], [3, 1], [1, 4], [2, 1], [3, 3], [2, 2]],
  values: [...ARTICLE.v, [1, 2], [5, 4], [3, 9], [6, 0], [2, 5], [8, 3]],
};
