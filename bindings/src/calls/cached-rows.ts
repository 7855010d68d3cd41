import { advice, QkvError } from '../errors.js';
import type { Heap } from '../memory/heap.js';
import { InMemory, Resident } from '../memory/resident.js';

/** Keys or values of a cache: [B, Hk, capacity, columns] in memory. The first `length` rows count. */
export class CachedRows extends InMemory {
  readonly #heap: Heap;
  readonly #heads: number;
  readonly #columns: number;
  #storage: Resident | undefined;
  #capacity = 0;
  length = 0;

  constructor(heap: Heap, heads: number, columns: number) {
    super();
    this.#heap = heap;
    this.#heads = heads;
    this.#columns = columns;
  }

  get shape(): readonly number[] {
    return [this.#heads, this.length, this.#columns];
  }

  get data(): Float32Array {
    return this.#storage?.data ?? new Float32Array();
  }

  addressIn(heap: Heap, argument: string): number | undefined {
    if (heap === this.#heap) return this.#storage?.addressIn(heap, argument) ?? 0;
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: 'a cache made by this instance',
      received: 'one of another instance',
      fix: advice`Use the createKVCache() of the instance that attends it.`,
    });
  }

  get headStride(): number {
    return this.#capacity * this.#columns;
  }

  /** A storage of another capacity with the same rows. It replaces nothing yet. */
  grown(capacity: number): Resident {
    const grown = new Resident(this.#heap, [this.#heads, capacity, this.#columns], 'a KV cache');
    const { data } = grown;
    for (let head = 0; head < this.#heads; ++head) {
      const from = head * this.headStride;
      data.set(
        this.data.subarray(from, from + this.length * this.#columns),
        head * capacity * this.#columns,
      );
    }
    return grown;
  }

  replace(storage: Resident, capacity: number): void {
    this.#storage?.dispose();
    this.#storage = storage;
    this.#capacity = capacity;
  }

  /** Writes rows [B, Hk, n, columns] behind the first `length`. */
  write(rows: Float32Array, count: number): void {
    const { data } = this;
    const perHead = count * this.#columns;
    for (let head = 0; head < this.#heads; ++head) {
      data.set(
        rows.subarray(head * perHead, (head + 1) * perHead),
        head * this.headStride + this.length * this.#columns,
      );
    }
  }

  dispose(): void {
    this.#storage?.dispose();
    this.#storage = undefined;
  }
}
