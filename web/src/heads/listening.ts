import type { Attention } from 'qkv';
import { indices, type Matrix, matrixOf } from '../numbers/matrix.ts';
import { product } from '../numbers/product.ts';
import { type Computation, compute } from '../state/computation.ts';
import { excludedBy } from './lines.ts';
import type { Lines } from './state.ts';
import { HEADS, OUTPUT_WEIGHTS, PROBLEM, WORDS } from './twoHeads.ts';

/** What the engine makes of the five words with the lines that are left. */
export interface Listening {
  readonly heads: readonly Computation[];
  /** The outputs of the heads side by side: words × (heads · 2). */
  readonly joined: Matrix;
  /** joined · W_O: words × 4 */
  readonly mixed: Matrix;
}

export function listen(engine: Attention, lines: Lines): Listening {
  const isSeen = Uint8Array.from(lines.cuts.flat(2), (isCut) => Number(!isCut));
  const mask = { data: isSeen, shape: [HEADS.length, WORDS.length, WORDS.length] };
  const heads = compute(engine, PROBLEM, { mask, isCausal: lines.causal });
  const words = heads[0]?.output.rows ?? 0;
  const width = heads[0]?.output.columns ?? 0;
  const rows = indices(words).map((word) =>
    heads.flatMap(({ output }) => indices(width).map((column) => output.at(word, column))),
  );
  return {
    heads,
    joined: matrixOf(rows.flat(), words, heads.length * width),
    mixed: product(engine, rows, OUTPUT_WEIGHTS),
  };
}

/** Why a word does not hear another in a head; null if it does. */
export function silenceOf(lines: Lines, head: number, word: number, key: number): string | null {
  if (excludedBy(lines, word, key)) return 'it comes later';
  return lines.cuts[head]?.[word]?.[key] ? 'cut by hand' : null;
}

/** Whether a head gives no weight to the word before, for every word, while another head still does. */
export function ignoresWordBefore({ heads }: Listening, head: number): boolean {
  const hears = (at: number) => {
    const weights = heads[at]?.weights;
    return indices((weights?.rows ?? 1) - 1).some((i) => (weights?.at(i + 1, i) ?? 0) > 0);
  };
  return !hears(head) && heads.some((_, other) => other !== head && hears(other));
}
