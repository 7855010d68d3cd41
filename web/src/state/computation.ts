import type { Attention } from 'qkv';
import { type Matrix, matrixFromRows, matrixOf } from '../numbers/matrix.ts';

export type Rows = readonly (readonly number[])[];
export interface Inputs {
  readonly q: Rows;
  readonly k: Rows;
  readonly v: Rows;
}

/** One problem and everything that the engine made of it. */
export interface Computation {
  readonly inputs: Inputs;
  readonly q: Matrix;
  readonly k: Matrix;
  readonly v: Matrix;
  readonly products: Matrix; // queries × keys
  readonly scaled: Matrix; // queries × keys
  readonly rowMax: Matrix; // queries × 1
  readonly exponentials: Matrix; // queries × keys
  readonly rowSum: Matrix; // queries × 1
  readonly weights: Matrix; // queries × keys
  readonly weightSum: Matrix; // queries × 1
  readonly contributions: readonly Matrix[]; // a query each: keys × value columns
  readonly output: Matrix; // queries × value columns
}

export function compute(engine: Attention, inputs: Inputs, scale?: number): Computation {
  const { q, k, v } = inputs;
  const options = scale === undefined ? {} : { scale };
  const trace = engine.trace(q, k, v, options);
  const [queries, keys, width] = [q.length, k.length, v[0]?.length ?? 0];
  // Values of 1 turn the output into the sum of the weights: the engine adds them up, not the page.
  const ones = k.map(() => [1]);
  const sums = engine.attend(q, k, ones, options).output;
  return {
    inputs,
    q: matrixFromRows(q),
    k: matrixFromRows(k),
    v: matrixFromRows(v),
    products: matrixOf(trace.products.data, queries, keys),
    scaled: matrixOf(trace.scaled.data, queries, keys),
    rowMax: matrixOf(trace.rowMax.data, queries, 1),
    exponentials: matrixOf(trace.exponentials.data, queries, keys),
    rowSum: matrixOf(trace.rowSum.data, queries, 1),
    weights: matrixOf(trace.weights.data, queries, keys),
    weightSum: matrixOf(sums.data, queries, 1),
    contributions: q.map((_, i) => {
      const block = keys * width;
      return matrixOf(trace.contributions.data.slice(i * block, (i + 1) * block), keys, width);
    }),
    output: matrixOf(trace.output.data, queries, width),
  };
}

/** Scores beyond single precision overflow to ∞, as IEEE 754 says; the page then says so. */
export function overflows({ scaled, output }: Computation): boolean {
  const finite = (m: Matrix) => {
    for (let i = 0; i < m.rows; i++) {
      for (let j = 0; j < m.columns; j++) if (!Number.isFinite(m.at(i, j))) return false;
    }
    return true;
  };
  return !finite(scaled) || !finite(output);
}
