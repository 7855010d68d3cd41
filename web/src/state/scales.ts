import type { Attention } from 'qkv';
import type { Matrix } from '../numbers/matrix.ts';
import { compute, engineOptions } from './computation.ts';
import type { Model, Options } from './model.ts';

/** What one way of scaling makes of the model. */
export interface ScaleOutcome {
  readonly scale: Options['scale'];
  readonly weights: Matrix; // queries × keys
  readonly weightSum: Matrix; // queries × 1
  readonly output: Matrix; // queries × value columns
}

/** The same model under each of the scales, all else as it is. */
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
