import type { Tensor } from 'qkv';
import type { Size } from './plainAttention.ts';

export const ON_ONE_THREAD = ['plain', 'scalar', 'simd', 'relaxed'] as const;
export type OnOneThread = (typeof ON_ONE_THREAD)[number];

/** All contenders, in the order of the measurement. */
export const CONTENDERS = [...ON_ONE_THREAD, 'pool'] as const;
export type Contender = (typeof CONTENDERS)[number];

export const LENGTHS = [128, 256, 512, 1024] as const;
export const HEADS = 4;
export const DEPTH = 64;
export const SEED = 1;

export interface Problem {
  readonly size: Size;
  readonly q: Tensor; // [heads, length, depth], as k and v
  readonly k: Tensor;
  readonly v: Tensor;
  /** The output in double precision. */
  readonly exact: Float64Array;
}

export interface Measured {
  readonly contender: Contender;
  readonly milliseconds: number; // of one call, median
  readonly gflops: number;
  readonly error: number; // largest, against double precision
  readonly workers: number; // threads that computed
}

export interface Missing {
  readonly contender: Contender;
  readonly reason: string;
}

export type Report =
  | { readonly kind: 'progress'; readonly done: number; readonly doing: Contender | 'reference' }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'missing'; readonly missing: Missing }
  /** All contenders on one thread are done; the page measures the others with the same problem. */
  | { readonly kind: 'left'; readonly problem: Problem }
  | { readonly kind: 'failed'; readonly reason: string };

/** Q·Kᵀ and P·V: a multiplication and an addition for each pair and column. */
export function operationsOf(length: number): number {
  return 4 * HEADS * length * length * DEPTH;
}
