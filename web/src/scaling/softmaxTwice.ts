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

/** Below this, single precision keeps fewer and fewer digits: its numbers are denormal. */
export const SMALLEST_NORMAL = 2 ** -126;
/** Weights that differ by less are the same up to rounding. */
const ROUNDING = 1e-5;

/** What the naive formula made of a row that the stable formula computed as well, in a sentence. */
export function verdictOn({ exponentials, sum, weights }: SoftmaxRow, stable: SoftmaxRow): string {
  if (sum === 0) {
    return 'On the left every exponential is too small for single precision and becomes 0. Their sum is 0 as well, and 0 ÷ 0 is not a number.';
  }
  if (weights.some(Number.isNaN)) {
    return 'On the left the sum is ∞, and ∞ ÷ ∞ is not a number: one score that is too large spoils its whole row.';
  }
  if (sum === Number.POSITIVE_INFINITY) {
    return 'On the left the exponentials still fit, but their sum does not: a number divided by ∞ is 0.';
  }
  if (!isSame(weights, stable.weights) && exponentials.some((e) => e < SMALLEST_NORMAL)) {
    return 'On the left the exponentials are so close to 0 that single precision keeps few of their digits, or none: they are denormal. Nothing overflows, and yet the weights on the left are wrong.';
  }
  return 'Nothing overflows here: both ways give the same weights, up to rounding.';
}

/** What comes of a row if nothing is subtracted: 0 the right weights, 1 all of it on one key, 2 NaN. */
export function fateOf({ weights }: SoftmaxRow, stable: SoftmaxRow): number {
  if (weights.some(Number.isNaN)) return 2;
  return isSame(weights, stable.weights) ? 0 : weights.includes(1) ? 1 : -1;
}

function isSame(weights: readonly number[], others: readonly number[]): boolean {
  return weights.every((weight, i) => Math.abs(weight - (others[i] ?? 0)) <= ROUNDING);
}
