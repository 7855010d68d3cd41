import { describe, QkvError } from '../errors.js';
import type { MainModule } from '../loading/glue.js';
import type { Captured } from '../types.js';
import { asOneOf } from './named-options.js';

interface Capture {
  /** Its member of qkv::Capture. */
  readonly member: Extract<keyof MainModule, `Capture_${string}`>;
  /** Whether it has one number for each query, or one for each query and key. */
  readonly each: 'query' | 'key';
}

export const CAPTURES = {
  scoresRaw: { member: 'Capture_scores_raw', each: 'key' },
  scoresCapped: { member: 'Capture_scores_capped', each: 'key' },
  scoresMasked: { member: 'Capture_scores_masked', each: 'key' },
  weights: { member: 'Capture_weights', each: 'key' },
  logSumExp: { member: 'Capture_log_sum_exp', each: 'query' },
} as const satisfies Record<Captured, Capture>;

const NAMES = Object.keys(CAPTURES) as Captured[];

export function readCaptures(argument: string, value: unknown): ReadonlySet<Captured> {
  if (!Array.isArray(value)) {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: `an array of ${NAMES.join(', ')}`,
      received: describe(value),
    });
  }
  return new Set(Array.from(value, (name, i) => asOneOf(`${argument}[${i}]`, name, NAMES)));
}

/** Whether a capture has a number for each query and key, not only for each query. */
export function isForEachKey(name: Captured): boolean {
  return CAPTURES[name].each === 'key';
}

/** [B, H, L] or [B, H, L, S]; `perQuery` is [B, H, L]. */
export function shapeOfCapture(name: Captured, perQuery: readonly number[], keys: number) {
  return isForEachKey(name) ? [...perQuery, keys] : [...perQuery];
}
