import type { Broadcast, Call } from '../calls/call.js';
import type { Captured } from '../types.js';
import type { PlainOptions } from './messages.js';
import type { Share } from './split.js';
import { type Box, type Range, Strided, sizesOf } from './strided.js';

/** A mask or bias, to be taken parts of: an axis along which it is repeated has an extent of 1. */
export class Repeated<Data extends Float32Array | Uint8Array> {
  #numbers: Strided<Data>;
  readonly #extents: readonly number[];

  constructor({ source, extents }: Broadcast<Data>) {
    const [, heads, rows, columns] = extents as [number, number, number, number];
    this.#numbers = new Strided(source.data, [heads * rows * columns, rows * columns, columns]);
    this.#extents = extents;
  }

  /** From now on what the caller does to the data has no effect. */
  snapshot(): void {
    this.#numbers = this.#numbers.alone(this.#clip());
  }

  copy(box: Box): { data: Data; shape: number[] } {
    const clipped = this.#clip(box);
    return { data: this.#numbers.copy(clipped), shape: sizesOf(clipped) };
  }

  #clip(box?: Box): Box {
    return this.#extents.map((extent, axis) =>
      box === undefined || extent === 1 ? { start: 0, end: extent } : box[axis],
    ) as unknown as Box;
  }
}

/** The tensors among the options of a call. */
export interface Tables {
  readonly mask: Repeated<Uint8Array> | undefined;
  readonly bias: Repeated<Float32Array> | undefined;
}

/** The options of a call as they are for some queries of a share. */
export function optionsOf(
  call: Call,
  { batches, keyHeads, keys, part }: Share,
  queries: Range,
  { mask, bias }: Tables,
  capture: readonly Captured[],
): PlainOptions {
  const heads = queryHeads(call, keyHeads);
  const box: Box = [batches, heads, queries, keys];
  const ofHeads = (values: readonly number[]) => values.slice(heads.start, heads.end);
  const lengths = call.keyLengths
    ?.slice(batches.start, batches.end)
    .map((length) => Math.min(Math.max(length - keys.start, 0), keys.end - keys.start));
  // Of parts that are merged exactly one has the sinks.
  const sinks = part === 0 ? call.sinks : undefined;
  return {
    isCausal: call.isCausal,
    softcap: call.softcap,
    queryOffset: Array.from(
      { length: batches.end - batches.start },
      (_, b) => offsetOf(call, batches.start + b) + queries.start - keys.start,
    ),
    window: {
      ...(call.windowLeft !== undefined && { left: call.windowLeft }),
      ...(call.windowRight !== undefined && { right: call.windowRight }),
    },
    capture,
    ...(call.scale !== undefined && { scale: call.scale }),
    ...(call.alibiSlopes && { alibiSlopes: ofHeads(call.alibiSlopes) }),
    ...(sinks && { sinks: ofHeads(sinks) }),
    ...(lengths && { keyLengths: lengths }),
    ...(mask && { mask: mask.copy(box) }),
    ...(bias && { bias: bias.copy(box) }),
  };
}

/** All query heads of some key/value heads. */
export function queryHeads({ query, key }: Call, keyHeads: Range): Range {
  const group = query.geometry.heads / key.geometry.heads;
  return { start: keyHeads.start * group, end: keyHeads.end * group };
}

/** Position of query 0 of a batch element on the key axis. */
function offsetOf({ query, key, queryOffset, keyLengths }: Call, batch: number): number {
  if (queryOffset === undefined) return 0;
  if (queryOffset !== 'end') return queryOffset[batch] as number;
  return (keyLengths?.[batch] ?? key.geometry.rows) - query.geometry.rows;
}

/** How many of some keys a query attends by its position, masks apart. */
export function keysAttended(call: Call, batch: number, query: number, keys: Range): number {
  const position = query + offsetOf(call, batch);
  const right = call.isCausal ? 0 : (call.windowRight ?? Number.POSITIVE_INFINITY);
  const length = call.keyLengths?.[batch] ?? call.key.geometry.rows;
  const first = Math.max(keys.start, position - (call.windowLeft ?? Number.POSITIVE_INFINITY));
  const end = Math.min(keys.end, length, position + right + 1);
  return Math.max(0, end - first);
}
