import type { Attention } from 'qkv';
import { float32Text } from '../numbers/float32Text.ts';
import { indices, type Matrix } from '../numbers/matrix.ts';
import { product } from '../numbers/product.ts';
import type { InputName } from '../state/cells.ts';
import { type Computation, compute } from '../state/computation.ts';
import type { Rows } from '../state/model.ts';
import type { WordsState } from './state.ts';

/** The matrix that makes the queries, the keys, or the values. */
export const WEIGHTS = { q: 'wq', k: 'wk', v: 'wv' } as const satisfies Record<
  InputName,
  keyof WordsState
>;

/** What the words ask, are found by and pass on, and how much they listen to each other. */
export interface Projections {
  readonly q: Matrix; // words × columns of W_Q, and so on
  readonly k: Matrix;
  readonly v: Matrix;
  readonly attention: Computation;
}

export function project(engine: Attention, { x, ...weights }: WordsState): Projections {
  const [q, k, v] = (['q', 'k', 'v'] as const).map((name) =>
    product(engine, x, weights[WEIGHTS[name]]),
  ) as [Matrix, Matrix, Matrix];
  const heads = { q: [rowsOf(q)], k: [rowsOf(k)], v: [rowsOf(v)] };
  const [attention] = compute(engine, heads);
  if (!attention) throw new Error('One head gives one computation.');
  return { q, k, v, attention };
}

/** The engine's numbers as the reader would write them. */
export function rowsOf(matrix: Matrix): Rows {
  return indices(matrix.rows).map((row) =>
    indices(matrix.columns).map((column) => Number(float32Text(matrix.at(row, column)))),
  );
}
