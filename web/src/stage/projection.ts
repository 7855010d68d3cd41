import type { Attention } from 'qkv';
import { indices, type Matrix, matrixOf } from '../numbers/matrix.ts';
import type { Inputs } from '../state/computation.ts';

/** What the pictures show beyond a computation. The engine computes it, too. */
export interface Projection {
  /** For each query: keys × depth, the products that a score is the sum of. */
  readonly terms: readonly Matrix[];
  /** For each query, its length. */
  readonly lengths: readonly number[];
  /** queries × keys: the length of the key's shadow on the query, negative behind it; NaN for a query without length. */
  readonly shadows: Matrix;
}

export function projectionOf(engine: Attention, { q, k }: Inputs): Projection {
  const [queries, keys, depth] = [q.length, k.length, q[0]?.length ?? 0];
  const terms = termsOf(engine, { q, k });
  const shadows = new Float32Array(queries * keys).fill(Number.NaN);
  const lengths = q.map((query, row) => {
    const squared = query.reduce((sum, x) => sum + x * x, 0);
    if (!(squared > 0) || !Number.isFinite(squared)) return squared;
    // A score divided by the length of the query is the shadow; the query's own shadow is its length.
    const both = [...k, query];
    const options = { scale: 1 / Math.sqrt(squared) };
    const { scaled } = engine.trace([[query]], [both], [both.map(() => [0])], options);
    shadows.set(scaled.data.subarray(0, keys), row * keys);
    return scaled.data[keys] ?? Number.NaN;
  });
  return {
    terms: indices(queries).map((row) => ({
      rows: keys,
      columns: depth,
      at: (key, d) => terms[(d * queries + row) * keys + key] ?? Number.NaN,
    })),
    lengths,
    shadows: matrixOf(shadows, queries, keys),
  };
}

/** One head for each column: its scores are the products of that column. */
function termsOf(engine: Attention, { q, k }: Pick<Inputs, 'q' | 'k'>): Float32Array {
  const columns = indices(q[0]?.length ?? 0);
  const ofColumn = (rows: Inputs['q']) => columns.map((d) => rows.map((row) => [row[d] ?? 0]));
  const values = columns.map(() => k.map(() => [0]));
  return engine.trace(ofColumn(q), ofColumn(k), values, { scale: 1 }).products.data;
}
