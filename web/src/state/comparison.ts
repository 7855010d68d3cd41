import type { Attention } from 'qkv';
import { ASSUMED_WEIGHTS } from './article.ts';
import type { InputName } from './cells.ts';
import { type Computation, compute } from './computation.ts';
import type { Heads, Rows } from './model.ts';

/** The article's assumed weights, and the divisor of the scores that would make them true. */
export interface Comparison {
  readonly assumed: Computation;
  readonly logRatio: number; // ln (0.8 / 0.2)
  readonly difference: number; // of the two scores
  readonly divisor: number; // of the scores, for the assumed weights
  readonly depth: number; // the d_k with this root
  readonly confirmed: Computation; // the engine's results with that divisor
}

export type ComparisonResult =
  | { readonly ok: true; readonly comparison: Comparison }
  | { readonly ok: false; readonly why: string };

/** For the first query. If no scale can give 0.2 and 0.8, the result says why. */
export function compareWithArticle(engine: Attention, shown: Computation): ComparisonResult {
  const keys = shown.k.rows;
  if (keys !== ASSUMED_WEIGHTS.length) {
    const count = keys === 1 ? 'there is one key' : `there are ${keys} keys`;
    return refuse(`The article assumes two weights, one for each key. Now ${count}.`);
  }
  const difference = shown.products.at(0, 1) - shown.products.at(0, 0);
  if (!Number.isFinite(difference)) return refuse('The scores overflow single precision.');
  if (difference === 0) {
    return refuse('The two scores are equal, so both weights are a half, whatever the scale.');
  }
  if (difference < 0) {
    return refuse(
      'The first key has the larger score, so it has the larger weight, whatever the scale.',
    );
  }
  const [first, second] = ASSUMED_WEIGHTS;
  const logRatio = Math.log(second / first);
  const divisor = difference / logRatio;
  const { q, k, v } = shown.inputs;
  const firstQuery = q.slice(0, 1);
  return {
    ok: true,
    comparison: {
      assumed: only(compute(engine, assumption(v), { scale: 1 })),
      logRatio,
      difference,
      divisor,
      depth: divisor * divisor,
      confirmed: only(compute(engine, { q: [firstQuery], k: [k], v: [v] }, { scale: 1 / divisor })),
    },
  };
}

/** A problem with the assumed weights: its scores are their logarithms. */
function assumption(v: Rows): Record<InputName, Heads> {
  return { q: [[[1]]], k: [ASSUMED_WEIGHTS.map((weight) => [Math.log(weight)])], v: [v] };
}

function only([computation]: Computation[]): Computation {
  if (!computation) throw new Error('a problem of one head has one computation');
  return computation;
}

function refuse(why: string): ComparisonResult {
  return { ok: false, why };
}
