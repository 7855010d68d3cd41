import type { Attention } from 'qkv';

/** Softmax of a row of scores, with its intermediate results. */
export interface SoftmaxRow {
  readonly exponentials: readonly number[];
  readonly sum: number;
  readonly weights: readonly number[];
}

/** The engine's: the largest score is subtracted first. */
export interface StableRow extends SoftmaxRow {
  readonly max: number;
  readonly shifted: readonly number[]; // score − max
}

export const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;
/** The exponential of a larger number overflows single precision. */
export const LARGEST_EXPONENT = Math.log(FLOAT32_MAX);

/**
 * The formula without subtracting the maximum, in plain JavaScript that rounds each step to single
 * precision. The engine never computes this way; the page shows why.
 */
export function naiveSoftmax(scores: readonly number[]): SoftmaxRow {
  const exponentials = scores.map((score) => Math.fround(Math.exp(score)));
  const sum = exponentials.reduce((partial, next) => Math.fround(partial + next), 0);
  return { exponentials, sum, weights: exponentials.map((e) => Math.fround(e / sum)) };
}

/** With a query of 1, each key is its score. */
export function stableSoftmax(engine: Attention, scores: readonly number[]): StableRow {
  const query = [[1]];
  const keys = scores.map((score) => [score]);
  const { rowMax, exponentials, rowSum, weights } = engine.trace(query, keys, keys, { scale: 1 });
  const max = rowMax.data[0] ?? Number.NaN;
  const { scoresMasked } = engine.attend(query, keys, keys, {
    scale: 1,
    bias: [-max],
    capture: ['scoresMasked'],
  });
  return {
    max,
    shifted: [...(scoresMasked?.data ?? [])],
    exponentials: [...exponentials.data],
    sum: rowSum.data[0] ?? Number.NaN,
    weights: [...weights.data],
  };
}

/** What the naive formula made of a row, in a sentence. */
export function verdictOn({ sum, weights }: SoftmaxRow): string {
  if (sum === 0) {
    return 'On the left every exponential is too small for single precision and becomes 0. Their sum is 0 as well, and 0 ÷ 0 is not a number.';
  }
  if (weights.some(Number.isNaN)) {
    return 'On the left the sum is ∞, and ∞ ÷ ∞ is not a number: one score that is too large spoils its whole row.';
  }
  if (sum === Number.POSITIVE_INFINITY) {
    return 'On the left the exponentials still fit, but their sum does not: a number divided by ∞ is 0.';
  }
  return 'Nothing overflows here: both ways give the same weights, up to rounding.';
}
