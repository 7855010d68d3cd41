import type { Call } from '../calls/call.js';
import type { ProblemMemory } from '../calls/problem.js';
import { queryHeads } from './portion.js';
import type { Share } from './split.js';

/** What the core computes from the options of the call. */
export type Positions = Pick<ProblemMemory, 'queryOffset' | 'attendedKeys'>;

/** Multiply-adds of backward for each of attend: forward once more, and five products instead of two. */
const BACKWARD_WORK = 3.5;

/** Estimates the work of each block. Without `positions`, all keys are visited. */
export function workOfBlocks(
  call: Call,
  share: Share,
  positions: Positions | undefined,
  isBackward: boolean,
): number[] {
  const { batches, keyHeads, keys, cuts } = share;
  const heads = queryHeads(call, keyHeads);
  const perPair =
    (isBackward ? BACKWARD_WORK : 1) *
    (batches.end - batches.start) *
    (heads.end - heads.start) *
    (call.query.geometry.columns + call.value.geometry.columns);
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i] as number;
    const middle = (start + end) >> 1;
    const attended =
      positions?.attendedKeys(batches.start, middle, keys.start, keys.end) ?? keys.end - keys.start;
    return Math.max(1, perPair * (end - start) * attended);
  });
}

export function total(work: readonly number[]): number {
  return work.reduce((sum, own) => sum + own, 0);
}
