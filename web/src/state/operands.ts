import { type CellKey, cellKey } from './cells.ts';
import type { Computation } from './computation.ts';

/** The cells that the selected result is made of, one step back. */
export function operandsOf(
  step: number,
  { query, key, column }: { query: number; key: number; column: number },
  shown: Computation,
): ReadonlySet<CellKey> {
  const along = (count: number, name: (index: number) => CellKey) =>
    Array.from({ length: count }, (_, index) => name(index));
  const keys = shown.k.rows;
  switch (step) {
    case 0:
      return new Set([
        ...along(shown.q.columns, (d) => cellKey('q', query, d)),
        ...along(shown.q.columns, (d) => cellKey('k', key, d)),
      ]);
    case 1:
      return new Set([cellKey('products', query, key)]);
    case 2:
      return new Set(along(keys, (j) => cellKey('scaled', query, j)));
    default:
      return new Set([
        ...along(keys, (j) => cellKey('weights', query, j)),
        ...along(keys, (j) => cellKey('v', j, column)),
        ...along(keys, (j) => cellKey('contributions', query, j, column)),
      ]);
  }
}
