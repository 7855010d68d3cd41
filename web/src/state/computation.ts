import type { Attention, AttentionOptions } from 'qkv';
import { indices, type Matrix, matrixFromRows, matrixOf } from '../numbers/matrix.ts';
import type { InputName } from './cells.ts';
import { headOf } from './commands.ts';
import { type Heads, type Model, type Options, type Rows, shapeOf } from './model.ts';

export type Inputs = Record<InputName, Rows>;

/** The matrices of one head and all results of the engine for them. */
export interface Computation {
  readonly inputs: Inputs;
  readonly q: Matrix;
  readonly k: Matrix;
  readonly v: Matrix;
  readonly products: Matrix; // queries × keys
  readonly scaled: Matrix; // queries × keys
  readonly masked: Matrix; // queries × keys: the logits, −∞ for a hidden key
  readonly rowMax: Matrix; // queries × 1
  readonly exponentials: Matrix; // queries × keys
  readonly rowSum: Matrix; // queries × 1
  readonly weights: Matrix; // queries × keys
  readonly weightSum: Matrix; // queries × 1
  readonly contributions: readonly Matrix[]; // for each query: keys × value columns
  readonly output: Matrix; // queries × value columns
}

/** The options of the page as options of the engine. */
export function engineOptions(options: Options): AttentionOptions {
  const { scale, causal, alignEnd, left, right, mask, softcap } = options;
  const divisor = scale === 'off' ? 1 : scale;
  return {
    ...(divisor !== 'root' && { scale: 1 / divisor }),
    ...(causal && { isCausal: true }),
    ...(alignEnd && { queryOffset: 'end' }),
    ...((left !== null || right !== null) && {
      window: { ...(left !== null && { left }), ...(right !== null && { right }) },
    }),
    ...(mask && { mask }),
    ...(softcap > 0 && { softcap }),
  };
}

/** Computes every query head. */
export function compute(
  engine: Attention,
  model: Record<InputName, Heads>,
  options: AttentionOptions = {},
): Computation[] {
  const { q, k, v } = model;
  const trace = engine.trace(q, k, v, options);
  const { queries, keys, width } = shapeOf(model);
  // With values of 1 the output is the sum of the weights, computed by the engine.
  const ones = v.map((rows) => rows.map(() => [1]));
  const sums = engine.attend(q, k, ones, options).output;
  return q.map((_, head) => {
    const inputs = headOf(model, head);
    const part = ({ data }: { data: Float32Array }, rows: number, columns: number, at = head) =>
      matrixOf(data.subarray(at * rows * columns, (at + 1) * rows * columns), rows, columns);
    return {
      inputs,
      q: matrixFromRows(inputs.q),
      k: matrixFromRows(inputs.k),
      v: matrixFromRows(inputs.v),
      products: part(trace.products, queries, keys),
      scaled: part(trace.scaled, queries, keys),
      masked: part(trace.masked, queries, keys),
      rowMax: part(trace.rowMax, queries, 1),
      exponentials: part(trace.exponentials, queries, keys),
      rowSum: part(trace.rowSum, queries, 1),
      weights: part(trace.weights, queries, keys),
      weightSum: part(sums, queries, 1),
      contributions: inputs.q.map((_, i) =>
        part(trace.contributions, keys, width, head * queries + i),
      ),
      output: part(trace.output, queries, width),
    };
  });
}

export function computeModel(engine: Attention, model: Model): Computation[] {
  return compute(engine, model, engineOptions(model.options));
}

/** Whether a mask hides the key from the query. A score can also be −∞ by overflow. */
export function isHidden({ scaled, masked }: Computation, query: number, key: number): boolean {
  return masked.at(query, key) === -Infinity && scaled.at(query, key) !== -Infinity;
}

/** Whether the query has no key left: its weights and output are 0 by definition. */
export function isEmptyRow({ masked, k }: Computation, query: number): boolean {
  return indices(k.rows).every((key) => masked.at(query, key) === -Infinity);
}

/** Whether numbers overflow single precision to ∞ or NaN, which the page then says. */
export function overflows({ scaled, output }: Computation): boolean {
  const finite = (m: Matrix) => {
    for (let i = 0; i < m.rows; i++) {
      for (let j = 0; j < m.columns; j++) if (!Number.isFinite(m.at(i, j))) return false;
    }
    return true;
  };
  return !finite(scaled) || !finite(output);
}
