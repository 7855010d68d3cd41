import type { InputName } from '../state/cells.ts';
import { isSame } from '../state/link.ts';
import type { Model } from '../state/model.ts';
import { type Projections, rowsOf } from './projection.ts';
import { TOKENS } from './state.ts';

/** For each row of Q, K and V the word that it comes from; null for a row that is no word's any more. */
export type RowNames = Readonly<Record<InputName, readonly (string | null)[]>>;

/** The words of the rows of a model that was opened from the words, as far as it still is theirs. */
export function namesOf({ q, k, v }: Model, { q: queries, ...words }: Projections): RowNames {
  const asked = rowsOf(queries);
  const find = (rows: Model['q'], of: Projections['q'], row: number) =>
    isSame(rows[0]?.[row], rowsOf(of)[row]) ? (TOKENS[row] ?? null) : null;
  const isOneHead = q.length === 1 && k.length === 1;
  const name = (rows: Model['q'], nameRow: (row: number) => string | null) =>
    (rows[0] ?? []).map((_, row) => (isOneHead ? nameRow(row) : null));
  return {
    q: name(q, (row) => TOKENS[asked.findIndex((query) => isSame(query, q[0]?.[row]))] ?? null),
    k: name(k, (row) => find(k, words.k, row)),
    v: name(v, (row) => find(v, words.v, row)),
  };
}
