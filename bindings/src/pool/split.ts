import { type Call, tensorsOf } from '../calls/call.js';
import { isForEachKey } from '../calls/captures.js';
import { INT32_MAX, INT32_MIN } from '../calls/scalars.js';
import type { MainModule } from '../loading/glue.js';
import type { Range } from './strided.js';

/**
 * A part of a call with keys and values of its own, which a worker receives once. `cuts` are the queries
 * at which its blocks start, and the end of the last block.
 */
export interface Share {
  readonly batches: Range;
  /** Key/value heads. All query heads that share one are in the same share. */
  readonly keyHeads: Range;
  readonly keys: Range;
  /** Index of its part of the keys; the parts are merged. */
  readonly part: number;
  readonly cuts: readonly number[];
}

/** Sizes of the core's blocks. A call is cut only between blocks, because the bits depend on them. */
type BlockSizes = Pick<MainModule, 'blockRows' | 'blockKeys'>;

/** A part has a multiple of this many blocks of keys. */
const BLOCKS_OF_KEYS = 2;
/** With fewer keys in a part, a merge costs more than it saves. */
const FEWEST_KEYS = 1024;

/** Least multiply-adds of a block: about a millisecond, which is worth a message. */
export const LEAST_WORK = 2 ** 22;
/** Most multiply-adds of a task: some tens of milliseconds. An abort or another call waits that long. */
export const MOST_WORK = 2 ** 29;
/** Shares for each worker if heads are many and short, so that no worker waits long for the last one. */
const SHARES_PER_WORKER = 16;
const BLOCKS_PER_WORKER = 2;

/** Splits a call into shares, in several parts of the keys only if `mayMerge`. */
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

/** Multiply-adds of a call if no key is excluded. */
function workOf({ query, key, value }: Call): number {
  const { batch, heads, rows, columns } = query.geometry;
  return batch * heads * rows * key.geometry.rows * (columns + value.geometry.columns);
}

/** The numbers of key heads and of batch elements in a share. */
function headsTogether(call: Call, perHead: number, workers: number, blockRows: number) {
  const { batch, rows: queries } = call.query.geometry;
  const { heads: keyHeads } = call.key.geometry;
  const wanted = Math.min(
    Math.max((perHead * keyHeads * batch) / (workers * SHARES_PER_WORKER), LEAST_WORK),
    MOST_WORK / 8,
  );
  const enough = Math.min(Math.ceil(wanted / perHead), keyHeads * batch); // of nothing: all
  // Heads that share a mask stay together, so that its rows are sent once.
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

/** Splits [0, count) into equal ranges of at most `most`. */
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
  // The position of each block's first query must be an int32.
  const offsets = givenOffsets(call);
  const count = offsets.some((offset) => offset + queries > INT32_MAX)
    ? 1
    : Math.max(1, Math.floor(queries / step));
  return Array.from({ length: count + 1 }, (_, i) => (i === count ? queries : i * step));
}

/** Splits the keys into parts, if there are too few blocks for the workers. */
function cutKeys(call: Call, blocks: number, workers: number, keyStep: number): Range[] {
  const { rows: keys } = call.key.geometry;
  const isMergeable = ![...call.capture].some(isForEachKey);
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
