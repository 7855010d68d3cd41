import type { Call } from '../call.js';
import type { Tensor } from '../types.js';
import type { KeysAndValues } from './messages.js';
import type { Share } from './split.js';
import { type Box, type Range, Strided, sizesOf } from './strided.js';

/** The rows of query, key or value that belong to a share. */
export class Source {
  readonly #batches: Range;
  readonly #heads: Range;
  readonly #columns: Range;
  #numbers: Strided;
  /** Those of which the numbers are a copy of our own. */
  #own: Range | undefined;

  constructor({ source, geometry }: Call['query'], batches: Range, heads: Range) {
    const { batch, head, row } = geometry.strides;
    this.#numbers = new Strided(source.data, [batch, head, row]);
    this.#batches = batches;
    this.#heads = heads;
    this.#columns = { start: 0, end: geometry.columns };
  }

  /** Some rows, to be sent away: a copy, or the last that there is. */
  take(rows: Range): Tensor {
    const box = this.#box(rows);
    const isAll = rows.start === this.#own?.start && rows.end === this.#own.end;
    const data = isAll ? this.#numbers.data : this.#numbers.copy(box);
    return { data, shape: sizesOf(box) };
  }

  /** Keeps a copy of some rows, and lets go of what the caller gave. */
  snapshot(rows: Range): void {
    this.#numbers = this.#numbers.alone(this.#box(rows));
    this.#own = rows;
  }

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
 * Keys and values of a share: first the caller's, of which each worker gets a copy; then a copy of our
 * own, which goes from worker to worker and comes back as soon as they have copied it.
 */
export class Keys {
  #given: Given | undefined;
  #own: KeysAndValues | undefined;

  constructor({ key, value }: Call, { batches, keyHeads, keys }: Share) {
    this.#given = {
      key: new Source(key, batches, keyHeads),
      value: new Source(value, batches, keyHeads),
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
    this.#own = keys;
  }

  /** Lets go of what the caller gave; a copy that is on its way will come back. */
  snapshot(isOnItsWay: boolean): void {
    if (!isOnItsWay) this.#own ??= this.#copy();
    this.#given = undefined;
  }

  #copy(): KeysAndValues {
    const { key, value, rows } = this.#given as Given;
    return { key: key.take(rows), value: value.take(rows) };
  }
}
