import { ARTICLE } from './article.ts';
import type { InputName } from './cells.ts';
import { STEP_COUNT } from './steps.ts';

/** One matrix for each head: [H][L][D]. */
export type Rows = readonly (readonly number[])[];
export type Heads = readonly Rows[];

/**
 * Everything that the reader can change, as one plain value. The engine computes from it; the address,
 * undo, presets, files and the code to copy are made from it. It is never changed in place: commands.ts
 * makes the next one.
 */
export interface Model {
  readonly q: Heads; // H × L × D
  readonly k: Heads; // Hk × S × D, where H is a multiple of Hk
  readonly v: Heads; // Hk × S × Dv
  readonly options: Options;
  /** The step that section 1 shows, from 0. */
  readonly step: number;
}

export interface Options {
  /** The divisor of the scores: √d_k, none, or the reader's number. */
  readonly scale: 'root' | 'off' | number;
  readonly causal: boolean;
  /** Aligns the last query with the last key, instead of the first with the first. */
  readonly alignEnd: boolean;
  /** How many keys a query sees before and after its position; null is all. */
  readonly left: number | null;
  readonly right: number | null;
  /** L × S, true = attend; null is no mask drawn. All heads share it. */
  readonly mask: readonly (readonly boolean[])[] | null;
  /** 0 = off. */
  readonly softcap: number;
}

/** The sizes of Q, K and V: L, S, D, Dv, H and Hk in the package's types. */
export interface Shape {
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
  readonly width: number;
  readonly heads: number;
  readonly keyHeads: number;
}

export const LIMITS = { side: 12, heads: 8 } as const;
export const INPUT_NAMES = ['q', 'k', 'v'] as const satisfies readonly InputName[];

export const PLAIN: Options = {
  scale: 'root',
  causal: false,
  alignEnd: false,
  left: null,
  right: null,
  mask: null,
  softcap: 0,
};

export const DEFAULT_MODEL: Model = {
  q: [ARTICLE.q],
  k: [ARTICLE.k],
  v: [ARTICLE.v],
  options: PLAIN,
  step: 0,
};

export function shapeOf({ q, k, v }: Pick<Model, InputName>): Shape {
  return {
    queries: q[0]?.length ?? 0,
    keys: k[0]?.length ?? 0,
    depth: q[0]?.[0]?.length ?? 0,
    width: v[0]?.[0]?.length ?? 0,
    heads: q.length,
    keyHeads: k.length,
  };
}

/** The key and value head that a query head uses: consecutive query heads share one. */
export function keyHeadOf(head: number, { heads, keyHeads }: Shape): number {
  return Math.floor(head / (heads / keyHeads));
}

/** Whether any option changes which keys are seen. */
export function isMasked({ causal, left, right, mask }: Options): boolean {
  return causal || left !== null || right !== null || mask !== null;
}

/** Whether the logits differ from the scaled scores. */
export function changesScores(options: Options): boolean {
  return isMasked(options) || options.softcap > 0;
}

/** Says why numbers from a link or a file are not a model; null if they are. */
export function problemOf(model: Model): string | null {
  const { q, k, v, options, step } = model;
  const shape = shapeOf(model);
  const { queries, keys, depth, width, heads, keyHeads } = shape;
  const isSide = (n: number) => n >= 1 && n <= LIMITS.side;
  if (![queries, keys, depth, width].every(isSide)) {
    return `A matrix has 1 to ${LIMITS.side} rows and columns.`;
  }
  if (heads < 1 || heads > LIMITS.heads) return `There are 1 to ${LIMITS.heads} heads.`;
  if (v.length !== keyHeads || heads % keyHeads !== 0) {
    return 'K and V have equally many heads, and the heads of Q are a multiple of them.';
  }
  const fits = (matrices: Heads, rows: number, columns: number) =>
    matrices.every((m) => m.length === rows && m.every((row) => row.length === columns));
  if (!fits(q, queries, depth)) return 'Every row of Q must be as long as the first.';
  if (!fits(k, keys, depth)) return 'The rows of K must be as long as those of Q.';
  if (!fits(v, keys, width)) return 'V must have as many rows as K.';
  if (options.mask && !fitsMask(options.mask, queries, keys)) {
    return 'The mask must have a row for each query and a column for each key.';
  }
  return step >= 0 && step < STEP_COUNT ? null : `There are ${STEP_COUNT} steps.`;
}

function fitsMask(mask: NonNullable<Options['mask']>, queries: number, keys: number): boolean {
  return mask.length === queries && mask.every((row) => row.length === keys);
}
