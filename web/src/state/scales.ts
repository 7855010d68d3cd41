import type { Attention } from 'qkv';
import type { Matrix } from '../numbers/matrix.ts';
import { compute, engineOptions } from './computation.ts';
import type { Model, Options } from './model.ts';

/** The results of the model with one divisor. */
export interface ScaleOutcome {
  readonly scale: Options['scale'];
  readonly weights: Matrix; // queries × keys
  readonly weightSum: Matrix; // queries × 1
  readonly output: Matrix; // queries × value columns
}

/** Computes the model with each of the divisors; all other options stay. */
export function underScales(
  engine: Attention,
  model: Model,
  head: number,
  scales: readonly Options['scale'][],
): ScaleOutcome[] {
  return scales.flatMap((scale) => {
    const [computation] = compute(engine, model, engineOptions({ ...model.options, scale })).slice(
      head,
    );
    return computation ? [{ scale, ...computation }] : [];
  });
}
