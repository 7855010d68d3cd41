import { type CellKey, cellKey } from './cells.ts';
import type { Computation } from './computation.ts';

/** The results that have a formula. */
export type ResultName = 'products' | 'scaled' | 'masked' | 'weights' | 'output';

/** The logits, which softmax reads: the scaled scores, or the scores after softcap and masks. */
export type LogitsName = 'scaled' | 'masked';

interface Cell {
  readonly query: number;
  readonly key: number;
  readonly column: number;
}

/** The cells that a result is computed from, one step back. */
export function operandsOf(
  name: ResultName,
  { query, key, column }: Cell,
  shown: Computation,
  logits: LogitsName,
): ReadonlySet<CellKey> {
  const along = (count: number, at: (index: number) => CellKey) =>
    Array.from({ length: count }, (_, index) => at(index));
  const keys = shown.k.rows;
  switch (name) {
    case 'products':
    case 'masked':
      return new Set([
        ...along(shown.q.columns, (d) => cellKey('q', query, d)),
        ...along(shown.q.columns, (d) => cellKey('k', key, d)),
      ]);
    case 'scaled':
      return new Set([cellKey('products', query, key)]);
    case 'weights':
      return new Set(along(keys, (j) => cellKey(logits, query, j)));
    case 'output':
      return new Set([
        ...along(keys, (j) => cellKey('weights', query, j)),
        ...along(keys, (j) => cellKey('v', j, column)),
        ...along(keys, (j) => cellKey('contributions', query, j, column)),
      ]);
  }
}
