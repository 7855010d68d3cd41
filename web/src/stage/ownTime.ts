import type { Attention } from 'qkv';
import { engineOptions } from '../state/computation.ts';
import type { Model } from '../state/model.ts';

/** Clocks of browsers tick as slowly as a tenth of a millisecond, so the example is computed until this has passed. */
const ENOUGH_MS = 4;
const MOST_CALLS = 4096;

/** The mean time of one call with the reader's numbers, in milliseconds. */
export function timeOf(
  engine: Attention,
  { q, k, v, options }: Model,
  now: () => number = () => performance.now(),
): number {
  const given = engineOptions(options);
  engine.attend(q, k, v, given);
  let calls = 1;
  for (;;) {
    const start = now();
    for (let i = 0; i < calls; i++) engine.attend(q, k, v, given);
    const passed = now() - start;
    if (passed >= ENOUGH_MS || calls >= MOST_CALLS) return passed / calls;
    calls *= 4;
  }
}
