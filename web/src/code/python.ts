import type { Computation } from '../state/computation.ts';
import { isMasked, type Model, type Options } from '../state/model.ts';
import { nested } from './literals.ts';

/** The same in NumPy and PyTorch but for the name of the module. */
export interface Dialect {
  readonly module: 'np' | 'torch';
  readonly boolean: string;
  readonly array: string;
}

/**
 * The lines that make `mask`, true where a key is seen; none where every key is. Positions count from
 * the first key, or so that the last query stands at the last key.
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
          `i = ${module}.arange(q.shape[-2])[:, None]${offset}  # where each query stands`,
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

/** What the scores are divided by; '' for nothing. */
export function divisor({ scale }: Options, root: string): string {
  if (scale === 'root') return ` / ${root}`;
  return scale === 'off' ? '' : ` / ${scale}`;
}

/** Whether some query is left without a key: its softmax is 0 / 0, and its output 0. */
export function hasEmptyRow(heads: readonly Computation[]): boolean {
  return heads.some(({ weightSum }) =>
    Array.from({ length: weightSum.rows }, (_, row) => weightSum.at(row, 0)).includes(0),
  );
}
