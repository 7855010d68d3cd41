import type { Attention, Tensor } from 'qkv';
import { indices } from '../numbers/matrix.ts';
import type { Rows } from '../state/model.ts';

/** The gradients of a loss, shaped as the inputs. */
export interface Gradients {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
}

/**
 * The gradients of the inputs for a given gradient of the output. A caller sees only this type, so that an
 * engine which has the operation can take the place of the formula.
 */
export type Backward = (
  query: Rows,
  key: Rows,
  value: Rows,
  outputGradient: Rows,
  options: { readonly scale: number },
) => Gradients;

/**
 * The formula, for one head without options (FlashAttention-2, arXiv:2307.08691). The engine computes the
 * weights p and the output o of the forward pass; the sums are computed here, in double precision:
 *
 *     dp = dO·vⱼ    δ = dO·o    ds = p(dp − δ)    dQ += scale·ds·kⱼ    dK += scale·ds·q    dV += p·dO
 */
export function backwardByFormula(engine: Attention): Backward {
  return (query, key, value, outputGradient, { scale }) => {
    const { weights, output } = engine.attend(query, key, value, { scale, capture: ['weights'] });
    const [dq, dk, dv] = [query, key, value].map((rows) => rows.map((row) => row.map(() => 0)));
    const width = value[0]?.length ?? 0;
    for (const [i, given] of outputGradient.entries()) {
      const result = [...output.data.subarray(i * width, (i + 1) * width)];
      const delta = dot(given, result);
      for (const j of key.keys()) {
        const p = weights.data[i * key.length + j] ?? Number.NaN;
        const ds = p * (dot(given, value[j] ?? []) - delta);
        add(dq?.[i], scale * ds, key[j]);
        add(dk?.[j], scale * ds, query[i]);
        add(dv?.[j], p, given);
      }
    }
    return { query: tensorOf(dq), key: tensorOf(dk), value: tensorOf(dv) };
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return indices(a.length).reduce((sum, at) => sum + (a[at] ?? 0) * (b[at] ?? 0), 0);
}

function add(to: number[] = [], factor: number, row: readonly number[] = []): void {
  for (const [at, value] of row.entries()) to[at] = (to[at] ?? 0) + factor * value;
}

function tensorOf(rows: number[][] = []): Tensor {
  return { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]?.length ?? 0] };
}
