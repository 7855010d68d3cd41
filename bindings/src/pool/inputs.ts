import type { Call } from '../calls/call.js';
import type { Tensor } from '../types.js';
import type { KeysAndValues } from './messages.js';
import type { SpareArrays } from './spare.js';
import type { Share } from './split.js';
import { type Box, type Range, Strided, sizesOf } from './strided.js';

/** The rows of query, key or value that belong to a share. */
export class Source {
  readonly #batches: Range;
  readonly #heads: Range;
  readonly #columns: Range;
  readonly #spare: SpareArrays;
  #numbers: Strided;
  /** Those of which the numbers are a copy of our own. */
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
    this.#batches = batches;
    this.#heads = heads;
    this.#columns = { start: 0, end: geometry.columns };
  }

  /** Some rows, to be sent away: a copy, or the last that there is. */
  take(rows: Range): Tensor {
    const box = this.#box(rows);
    const isAll = rows.start === this.#own?.start && rows.end === this.#own.end;
    const data = isAll ? this.#numbers.data : this.#numbers.copy(box, this.#reuse);
    return { data, shape: sizesOf(box) };
  }

  /** Keeps a copy of some rows, and lets go of what the caller gave. */
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
 * Keys and values of a share: first the caller's, of which each worker gets a copy; then a copy of our
 * own, which goes from worker to worker and comes back as soon as they have copied it.
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

  /** They go to nobody any more. */
  release(): void {
    if (this.#own) this.#spare.giveBoth(this.#own);
    this.#own = undefined;
    this.#given = undefined;
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
