import type { Attention } from 'qkv';
import { indices, type Matrix, matrixOf } from './matrix.ts';

type Rows = readonly (readonly number[])[];

/** X·W by the engine: the undivided scores of the rows of X against the columns of W are this product. */
export function product(engine: Attention, x: Rows, w: Rows): Matrix {
  const columns = indices(w[0]?.length ?? 0).map((column) => w.map((row) => row[column] ?? 0));
  const { scoresRaw } = engine.attend([x], [columns], [columns], {
    scale: 1,
    capture: ['scoresRaw'],
  });
  return matrixOf(scoresRaw.data, x.length, columns.length);
}
