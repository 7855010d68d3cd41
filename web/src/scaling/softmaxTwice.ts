import type { Attention } from 'qkv';

/** Softmax of a row of scores, with what lies on the way. */
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
/** The exponential of anything larger is beyond single precision. */
export const LARGEST_EXPONENT = Math.log(FLOAT32_MAX);

/**
 * The formula as it is written, without the maximum: plain JavaScript that rounds each step to single
 * precision. The engine has no such path, so this stands on the page as what it is: the way not to go.
 */
export function naiveSoftmax(scores: readonly number[]): SoftmaxRow {
  const exponentials = scores.map((score) => Math.fround(Math.exp(score)));
  const sum = exponentials.reduce((partial, next) => Math.fround(partial + next), 0);
  return { exponentials, sum, weights: exponentials.map((e) => Math.fround(e / sum)) };
}

/** A query of 1 makes each key its own score. */
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
