/** Who computes the same attention, in the order of the measurement. */
export const CONTENDERS = ['plain', 'scalar', 'simd', 'relaxed', 'pool'] as const;
export type Contender = (typeof CONTENDERS)[number];

export const LENGTHS = [128, 256, 512, 1024] as const;
export const HEADS = 4;
export const DEPTH = 64;
export const SEED = 1;

/** Each contender is timed so many times, and the median taken. */
export const SAMPLES = 7;

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
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Q·Kᵀ and P·V, a multiplication and an addition for each pair and column. */
export function operationsOf(length: number): number {
  return 4 * HEADS * length * length * DEPTH;
}
