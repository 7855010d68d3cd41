import { float32Text } from '../numbers/float32Text.ts';
import { indices, type Matrix } from '../numbers/matrix.ts';
import type { Computation } from '../state/computation.ts';
import { type Heads, INPUT_NAMES, type Model } from '../state/model.ts';
import { RESULTS } from './tables.ts';

/**
 * All numbers of the page. "q", "k" and "v" have the form that section 2 reads, so the file can be pasted
 * there. "results" has an object for each head. JSON has no ∞, so numbers that are not finite are strings.
 */
export function jsonOf(model: Model, heads: readonly Computation[]): string {
  const inputs = INPUT_NAMES.map((name) => [name, withoutOnlyHead(model[name])]);
  const results = heads.map((head) =>
    Object.fromEntries(RESULTS.map(({ id, of }) => [id, rowsOf(of(head))])),
  );
  const whole = { ...Object.fromEntries(inputs), options: model.options, results };
  // Each row of numbers goes on one line, as people write matrices.
  const text = JSON.stringify(whole, null, 2).replace(/\[[^[\]{}]+\]/g, (row) =>
    row.replace(/\s+/g, ' '),
  );
  return `${text}\n`;
}

function withoutOnlyHead(heads: Heads): unknown {
  return heads.length === 1 ? heads[0] : heads;
}

function rowsOf(matrix: Matrix): (number | string)[][] {
  return indices(matrix.rows).map((row) =>
    indices(matrix.columns).map((column) => {
      const value = matrix.at(row, column);
      return Number.isFinite(value) ? Number(float32Text(value)) : String(value);
    }),
  );
}
