import type { Call } from '../calls/call.js';
import type { Broadcast } from '../calls/option-kinds.js';
import { OPTIONS, type OptionName, type Sharing } from '../calls/options.js';
import type { Captured } from '../types.js';
import type { PlainOptions } from './messages.js';
import type { Share } from './split.js';
import { type Box, type Range, Strided, sizesOf } from './strided.js';

/** A mask or bias of which boxes are copied. Along an axis that is repeated its extent is 1. */
class Repeated {
  #numbers: Strided<Float32Array | Uint8Array>;
  readonly #extents: readonly number[];

  constructor({ source, extents }: Broadcast) {
    const [, heads, rows, columns] = extents as [number, number, number, number];
    this.#numbers = new Strided(source.data, [heads * rows * columns, rows * columns, columns]);
    this.#extents = extents;
  }

  /** Copies the data, so that later changes by the caller have no effect. */
  snapshot(): void {
    this.#numbers = this.#numbers.alone(this.#clip());
  }

  copy(box: Box): { data: Float32Array | Uint8Array; shape: number[] } {
    const clipped = this.#clip(box);
    return { data: this.#numbers.copy(clipped), shape: sizesOf(clipped) };
  }

  #clip(box?: Box): Box {
    return this.#extents.map((extent, axis) =>
      box === undefined || extent === 1 ? { start: 0, end: extent } : box[axis],
    ) as unknown as Box;
  }
}

/** Some queries of a share. */
interface Portion extends Share {
  readonly heads: Range;
  readonly queries: Range;
  /** Position of query 0 of each batch element of the call on its key axis. */
  readonly offsets: readonly number[];
}

/** The value of an option for a portion, for each way of sharing. */
const TAKE: Record<Sharing, (value: never, portion: Portion) => unknown> = {
  whole: (value: unknown) => value,
  position: (_value: unknown, { offsets, batches, queries, keys }) =>
    offsets.slice(batches.start, batches.end).map((offset) => offset + queries.start - keys.start),
  heads: takeHeads,
  // A merge counts a sink once, so exactly one part may have it.
  headsOnce: (values: readonly number[], portion) =>
    portion.part === 0 ? takeHeads(values, portion) : undefined,
  lengths: (lengths: readonly number[], { batches, keys }) =>
    lengths
      .slice(batches.start, batches.end)
      .map((length) => Math.min(Math.max(length - keys.start, 0), keys.end - keys.start)),
  box: (table: Repeated, { batches, heads, queries, keys }) =>
    table.copy([batches, heads, queries, keys]),
};

function takeHeads(values: readonly number[], { heads }: Portion): number[] {
  return values.slice(heads.start, heads.end);
}

/** The options of a call, from which those of a portion are made. */
export class SharedOptions {
  readonly #call: Call;
  readonly #capture: readonly Captured[];
  readonly #offsets: readonly number[];
  readonly #values: Partial<Record<OptionName, unknown>> = {};
  readonly #tables: Repeated[] = [];

  /** `offsets` are the positions of query 0 of each batch element. */
  constructor(call: Call, capture: readonly Captured[], offsets: readonly number[]) {
    this.#call = call;
    this.#capture = capture;
    this.#offsets = offsets;
    for (const name of Object.keys(call.options) as OptionName[]) {
      this.#values[name] = this.#held(name, call.options[name]);
    }
    // Portions start at different positions, even if the option was not given.
    this.#values.queryOffset ??= offsets;
  }

  #held(name: OptionName, value: unknown): unknown {
    if (OPTIONS[name].sharing !== 'box') return value;
    const table = new Repeated(value as Broadcast);
    this.#tables.push(table);
    return table;
  }

  /** Copies what the caller may change. */
  snapshot(): void {
    for (const table of this.#tables) table.snapshot();
  }

  of(share: Share, queries: Range): PlainOptions {
    const heads = queryHeads(this.#call, share.keyHeads);
    const portion: Portion = { ...share, heads, queries, offsets: this.#offsets };
    const taken = Object.entries(this.#values).map(([name, value]) => {
      const take = TAKE[OPTIONS[name as OptionName].sharing];
      return [name, take(value as never, portion)];
    });
    return { ...Object.fromEntries(taken), capture: this.#capture };
  }
}

/** The query heads that share some key/value heads. */
export function queryHeads({ query, key }: Call, keyHeads: Range): Range {
  const keyHeadCount = key.geometry.heads;
  const group = keyHeadCount === 0 ? 0 : query.geometry.heads / keyHeadCount;
  return { start: keyHeads.start * group, end: keyHeads.end * group };
}
