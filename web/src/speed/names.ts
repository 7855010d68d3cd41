import type { Variant } from 'qkv';
import type { Contender } from './measurement.ts';

const NAMES: Record<Contender, string> = {
  plain: 'plain JavaScript',
  scalar: 'scalar',
  simd: 'SIMD',
  relaxed: 'relaxed SIMD',
  pool: 'pool of workers',
};

/** The name of the pool has the number of workers once it is known. */
export function nameOf(contender: Contender, workers?: number): string {
  if (contender !== 'pool' || workers === undefined) return NAMES[contender];
  return `pool of ${workers} ${workers === 1 ? 'worker' : 'workers'}`;
}

export const MEANINGS: Record<Variant, string> = {
  scalar: 'one number at a time, for browsers without SIMD',
  simd: 'four numbers in one instruction',
  relaxed: 'four numbers in one instruction, with multiply and add fused',
};
