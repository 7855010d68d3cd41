// The numbers that the probe must report: those of the article's example, and those of the reference.

import { attendReference } from '../reference/attention.mjs';
import { causalProblem } from './probe/problems.mjs';

/** softmax([3 4]·[1 2; 2 3]ᵀ/√2)·[7 8; 9 10], in float64. */
export const WORKED = { weights: [0.007035351, 0.992964649], output: [8.985929298, 9.985929298] };

const { query, key, value, options } = causalProblem();
export const CAUSAL = attendReference(query, key, value, options).output.data;

/** The promise of the package for inputs of about unit size. */
export const TOLERANCE = 2e-6;
