import type { Call } from '../calls/call.js';
import type { Tensor } from '../types.js';
import type { KeysAndValues } from './messages.js';
import type { SpareArrays } from './spare.js';
import type { Share } from './split.js';
import { type Box, type Range, Strided, sizesOf } from './strided.js';

/** The rows of a query, key or value that belong to a share. */
export class Source {
  readonly #batches: Range;
  readonly #heads: Range;
  readonly #columns: Range;
  readonly #spare: SpareArrays;
  #numbers: Strided;
  /** The rows of which we have a copy. */
  #own: Range | undefined;

  constructor(
    { source, geometry }: Call['query'],
    batches: Range,
    heads: Range,
    spare: SpareArrays,
  ) {
    this.#spare = spare;
    const { batch, head, row } = geometry.strides;
    this.#numbers = new Strided(source.data, [batch, head, row]);
    this.#batches = geometry.batch === 1 ? { start: 0, end: 1 } : batches;
    this.#heads = heads;
    this.#columns = { start: 0, end: geometry.columns };
  }

  /** Rows to send: a new copy, or our copy if it has just these rows. */
  take(rows: Range): Tensor {
    const box = this.#box(rows);
    const isAll = rows.start === this.#own?.start && rows.end === this.#own.end;
    const data = isAll ? this.#numbers.data : this.#numbers.copy(box, this.#reuse);
    return { data, shape: sizesOf(box) };
  }

  /** Copies some rows and drops the caller's data. */
  snapshot(rows: Range): void {
    this.#numbers = this.#numbers.alone(this.#box(rows), this.#reuse);
    this.#own = rows;
  }

  readonly #reuse = (length: number) => this.#spare.take(length);

  #box(rows: Range): Box {
    return [this.#batches, this.#heads, rows, this.#columns];
  }
}

interface Given {
  readonly key: Source;
  readonly value: Source;
  readonly rows: Range;
}

/**
 * Keys and values of a share. While the caller's data is available, each worker gets a copy of it. After
 * that there is one copy, which goes to a worker, comes back when it has been copied, and goes to the
 * next one.
 */
export class Keys {
  readonly #spare: SpareArrays;
  #given: Given | undefined;
  #own: KeysAndValues | undefined;

  constructor({ key, value }: Call, { batches, keyHeads, keys }: Share, spare: SpareArrays) {
    this.#spare = spare;
    this.#given = {
      key: new Source(key, batches, keyHeads, spare),
      value: new Source(value, batches, keyHeads, spare),
      rows: keys,
    };
  }

  get areHere(): boolean {
    return (this.#given ?? this.#own) !== undefined;
  }

  take(): KeysAndValues {
    const taken = this.#own ?? this.#copy();
    this.#own = undefined;
    return taken;
  }

  giveBack(keys: KeysAndValues): void {
    if (this.#own) this.#spare.giveBoth(keys);
    else this.#own = keys;
  }

  /** No worker needs them any more. */
  release(): void {
    if (this.#own) this.#spare.giveBoth(this.#own);
    this.#own = undefined;
    this.#given = undefined;
  }

  /** Drops the caller's data. A copy that is on its way to a worker will come back. */
  snapshot(isOnItsWay: boolean): void {
    if (!isOnItsWay) this.#own ??= this.#copy();
    this.#given = undefined;
  }

  #copy(): KeysAndValues {
    const { key, value, rows } = this.#given as Given;
    return { key: key.take(rows), value: value.take(rows) };
  }
}
