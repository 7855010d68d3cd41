import type { Call } from '../calls/call.js';
import { MOST_ELEMENTS } from '../calls/tensors.js';
import type { Range } from './strided.js';

/**
 * What is computed from the same keys and values: they go to a worker together, once. `cuts` are the
 * queries at which blocks start, and the end of the last one.
 */
export interface Share {
  readonly batches: Range;
  /** Key/value heads, each with all query heads that share it. */
  readonly keyHeads: Range;
  readonly keys: Range;
  /** Which of the parts that are merged, from 0. */
  readonly part: number;
  readonly cuts: readonly number[];
}

/**
 * Blocks of queries start at multiples of this, and none is shorter: the core's blocks of rows divide it.
 */
const QUERY_STEP = 48;
/** Keys of a part are multiples of the core’s blocks of keys; fewer than FEWEST are not worth a merge. */
const KEY_STEP = 960;
const FEWEST_KEYS = 1024;

/** Work is counted in multiply-adds. Less than this, a millisecond at most, is not worth a message. */
export const LEAST_WORK = 2 ** 22;
/** Some tens of milliseconds: how long an abort or another call may have to wait. */
export const MOST_WORK = 2 ** 29;
/** Shares of many short heads: so many for each worker that none waits long for the last one. */
const SHARES_PER_WORKER = 16;
const BLOCKS_PER_WORKER = 2;

/** The shares of a call; of several `part`s only if it may be merged from them. */
export function split(call: Call, workers: number, mayMerge: boolean): readonly Share[] {
  const { batch, rows: queries } = call.query.geometry;
  const { heads: keyHeads, rows: keys } = call.key.geometry;
  const all = (count: number): Range => ({ start: 0, end: count });
  if (batch * keyHeads * queries === 0) {
    const whole = { batches: all(batch), keyHeads: all(keyHeads), keys: all(keys) };
    return [{ ...whole, part: 0, cuts: [0, queries] }];
  }

  const perHead = workOf(call) / (batch * keyHeads);
  const together = headsTogether(call, perHead, workers);
  const batches = evenly(batch, together.batches);
  const heads = evenly(keyHeads, together.heads);
  const cuts = cutQueries(call, perHead * together.heads * together.batches);
  const blocks = batches.length * heads.length * (cuts.length - 1);
  const parts = mayMerge ? cutKeys(call, blocks, workers) : [all(keys)];
  return batches.flatMap((b) =>
    heads.flatMap((h) =>
      parts.map((k, part) => ({ batches: b, keyHeads: h, keys: k, part, cuts })),
    ),
  );
}

/** Multiply-adds of a call, were no key excluded. */
function workOf({ query, key, value }: Call): number {
  const { batch, heads, rows, columns } = query.geometry;
  return batch * heads * rows * key.geometry.rows * (columns + value.geometry.columns);
}

/** How many key heads, and then batches, make a share. */
function headsTogether(call: Call, perHead: number, workers: number) {
  const { batch, rows: queries } = call.query.geometry;
  const { heads: keyHeads } = call.key.geometry;
  const wanted = Math.min(
    Math.max((perHead * keyHeads * batch) / (workers * SHARES_PER_WORKER), LEAST_WORK),
    MOST_WORK / 8,
  );
  const enough = Math.min(Math.ceil(wanted / perHead), keyHeads * batch); // of nothing: all
  // A row of a mask that heads share is sent once if they are together.
  const isLong = queries >= workers * BLOCKS_PER_WORKER * QUERY_STEP;
  const shares = (axis: 0 | 1) =>
    isLong &&
    [call.mask, call.bias].some((t) => t && (t.extents[2] as number) > 1 && t.extents[axis] === 1);
  const heads = shares(1) ? keyHeads : Math.min(enough, keyHeads);
  const batches = shares(0) && heads === keyHeads ? batch : Math.floor(enough / heads);
  return { heads, batches: Math.max(1, batches) };
}

/** [0, count) in equal ranges of at most `most`. */
function evenly(count: number, most: number): Range[] {
  const pieces = Math.ceil(count / most);
  const at = (i: number) => Math.floor((i * count) / pieces);
  return Array.from({ length: pieces }, (_, i) => ({ start: at(i), end: at(i + 1) }));
}

function cutQueries(call: Call, work: number): number[] {
  const queries = call.query.geometry.rows;
  const perStep = (work / queries) * QUERY_STEP;
  const most = Math.ceil(queries / QUERY_STEP);
  const step = QUERY_STEP * Math.min(Math.ceil(LEAST_WORK / perStep), most); // of no work: all
  // The position of the last query must be one that a call may give.
  const offsets = typeof call.queryOffset === 'object' ? call.queryOffset : [];
  const count = offsets.some((offset) => offset + queries > MOST_ELEMENTS)
    ? 1
    : Math.max(1, Math.floor(queries / step));
  return Array.from({ length: count + 1 }, (_, i) => (i === count ? queries : i * step));
}

/** Ranges of keys whose results are merged, when there are too few blocks for the workers. */
function cutKeys(call: Call, blocks: number, workers: number): Range[] {
  const { rows: keys } = call.key.geometry;
  const isMergeable = [...call.capture].every((name) => name === 'logSumExp');
  const offsets = typeof call.queryOffset === 'object' ? call.queryOffset : [];
  const mayStart = offsets.every((offset) => offset - keys >= -MOST_ELEMENTS);
  const missing = Math.ceil((workers * BLOCKS_PER_WORKER) / blocks);
  const count =
    isMergeable && mayStart
      ? Math.min(
          missing,
          Math.floor(keys / FEWEST_KEYS),
          Math.floor(workOf(call) / blocks / LEAST_WORK),
        )
      : 1;
  if (count < 2) return [{ start: 0, end: keys }];
  const step = KEY_STEP * Math.ceil(keys / count / KEY_STEP);
  return Array.from({ length: Math.ceil(keys / step) }, (_, i) => ({
    start: i * step,
    end: Math.min((i + 1) * step, keys),
  }));
}
