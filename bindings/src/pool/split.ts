import { type Call, tensorsOf } from '../calls/call.js';
import { INT32_MAX, INT32_MIN } from '../calls/scalars.js';
import type { MainModule } from '../loading/glue.js';
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

/** Sizes of the core's blocks: a block that is cut would have other bits. */
type BlockSizes = Pick<MainModule, 'blockRows' | 'blockKeys'>;

/** Keys of a part are a multiple of so many of the core's blocks. */
const BLOCKS_OF_KEYS = 2;
/** Fewer keys are not worth a merge. */
const FEWEST_KEYS = 1024;

/** Work is counted in multiply-adds. Less than this, a millisecond at most, is not worth a message. */
export const LEAST_WORK = 2 ** 22;
/** Some tens of milliseconds: how long an abort or another call may have to wait. */
export const MOST_WORK = 2 ** 29;
/** Shares of many short heads: so many for each worker that none waits long for the last one. */
const SHARES_PER_WORKER = 16;
const BLOCKS_PER_WORKER = 2;

/** The shares of a call; of several `part`s only if it may be merged from them. */
export function split(
  call: Call,
  { blockRows, blockKeys }: BlockSizes,
  workers: number,
  mayMerge: boolean,
): readonly Share[] {
  const { batch, rows: queries } = call.query.geometry;
  const { heads: keyHeads, rows: keys } = call.key.geometry;
  const all = (count: number): Range => ({ start: 0, end: count });
  if (batch * keyHeads * queries === 0) {
    const whole = { batches: all(batch), keyHeads: all(keyHeads), keys: all(keys) };
    return [{ ...whole, part: 0, cuts: [0, queries] }];
  }

  const perHead = workOf(call) / (batch * keyHeads);
  const together = headsTogether(call, perHead, workers, blockRows);
  const batches = evenly(batch, together.batches);
  const heads = evenly(keyHeads, together.heads);
  const cuts = cutQueries(call, perHead * together.heads * together.batches, blockRows);
  const blocks = batches.length * heads.length * (cuts.length - 1);
  const parts = mayMerge ? cutKeys(call, blocks, workers, BLOCKS_OF_KEYS * blockKeys) : [all(keys)];
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
function headsTogether(call: Call, perHead: number, workers: number, blockRows: number) {
  const { batch, rows: queries } = call.query.geometry;
  const { heads: keyHeads } = call.key.geometry;
  const wanted = Math.min(
    Math.max((perHead * keyHeads * batch) / (workers * SHARES_PER_WORKER), LEAST_WORK),
    MOST_WORK / 8,
  );
  const enough = Math.min(Math.ceil(wanted / perHead), keyHeads * batch); // of nothing: all
  // A row of a mask that heads share is sent once if they are together.
  const isLong = queries >= workers * BLOCKS_PER_WORKER * blockRows;
  const shares = (axis: 0 | 1) =>
    isLong &&
    tensorsOf(call.options).some(
      ({ extents }) => (extents[2] as number) > 1 && extents[axis] === 1,
    );
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

function cutQueries(call: Call, work: number, blockRows: number): number[] {
  const queries = call.query.geometry.rows;
  const perStep = (work / queries) * blockRows;
  const most = Math.ceil(queries / blockRows);
  const step = blockRows * Math.min(Math.ceil(LEAST_WORK / perStep), most); // of no work: all
  // The position of the last query must be one that a call may give.
  const offsets = givenOffsets(call);
  const count = offsets.some((offset) => offset + queries > INT32_MAX)
    ? 1
    : Math.max(1, Math.floor(queries / step));
  return Array.from({ length: count + 1 }, (_, i) => (i === count ? queries : i * step));
}

/** Ranges of keys whose results are merged, when there are too few blocks for the workers. */
function cutKeys(call: Call, blocks: number, workers: number, keyStep: number): Range[] {
  const { rows: keys } = call.key.geometry;
  const isMergeable = [...call.capture].every((name) => name === 'logSumExp');
  const offsets = givenOffsets(call);
  const mayStart = offsets.every((offset) => offset - keys >= INT32_MIN);
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
  const step = keyStep * Math.ceil(keys / count / keyStep);
  return Array.from({ length: Math.ceil(keys / step) }, (_, i) => ({
    start: i * step,
    end: Math.min((i + 1) * step, keys),
  }));
}

function givenOffsets({ options: { queryOffset } }: Call): readonly number[] {
  return typeof queryOffset === 'object' ? queryOffset : [];
}
