import type { Computation } from '../state/computation.ts';
import { isMasked, type Model, type Options } from '../state/model.ts';
import { nested } from './literals.ts';

/** Names that differ between NumPy and PyTorch. */
export interface Dialect {
  readonly module: 'np' | 'torch';
  readonly boolean: string;
  readonly array: string;
}

/**
 * The lines that make `mask`, true where a query sees a key. No lines if every query sees every key.
 * Either the first query is aligned with the first key, or the last query with the last key.
 */
export function maskLines({ options }: Model, { module, boolean, array }: Dialect): string[] {
  if (!isMasked(options)) return [];
  const { causal, alignEnd, left, right, mask } = options;
  const positions = causal || left !== null || right !== null;
  const terms = [
    ...(causal ? ['(j <= i)'] : []),
    ...(left === null ? [] : [`(j >= i - ${left})`]),
    ...(right === null ? [] : [`(j <= i + ${right})`]),
    ...(mask ? ['drawn'] : []),
  ];
  const offset = alignEnd ? ' + k.shape[-2] - q.shape[-2]' : '';
  return [
    ...(positions
      ? [
          `i = ${module}.arange(q.shape[-2])[:, None]${offset}  # position of each query`,
          `j = ${module}.arange(k.shape[-2])`,
        ]
      : []),
    ...(mask
      ? [
          `drawn = ${array}(${nested(
            mask.map((row) => row.map(Number)),
            '',
          )}, dtype=${boolean})`,
        ]
      : []),
    `mask = ${terms.length === 1 ? terms.join().replace(/^\((.*)\)$/, '$1') : terms.join(' & ')}`,
  ];
}

/** The division of the scores; '' for none. */
export function divisor({ scale }: Options, root: string): string {
  if (scale === 'root') return ` / ${root}`;
  return scale === 'off' ? '' : ` / ${scale}`;
}

/** Whether some query has no key left: its softmax would be 0 / 0, and its output is 0. */
export function hasEmptyRow(heads: readonly Computation[]): boolean {
  return heads.some(({ weightSum }) =>
    Array.from({ length: weightSum.rows }, (_, row) => weightSum.at(row, 0)).includes(0),
  );
}
