import { advice, describe, QkvError } from '../errors.js';
import { expectNoMore } from '../extra-arguments.js';
import type { Heap } from '../memory/heap.js';
import type { Resident } from '../memory/resident.js';
import { elementsOf } from '../shape.js';
import { DISPOSE } from '../symbols.js';
import type { KVCache, TensorInput } from '../types.js';
import { CachedRows } from './cached-rows.js';
import { batchStride, type Geometry, geometryOf } from './geometry.js';
import { readOwn } from './named-options.js';
import { asBoolean, asInteger, INT32_MAX } from './scalars.js';
import { expectStorage, readTensor } from './tensors.js';

const CACHE_OPTIONS = ['batch', 'heads', 'depth', 'valueDepth', 'capacity', 'fixed'] as const;
const FIRST_CAPACITY = 16;

export class KeyValueCache implements KVCache {
  readonly #heap: Heap;
  readonly #batch: number;
  readonly #heads: number;
  readonly #depth: number;
  readonly #valueDepth: number;
  readonly #fixed: boolean;
  readonly #keys: CachedRows;
  readonly #values: CachedRows;
  #capacity = 0;
  #disposed = false;

  constructor(heap: Heap, given: unknown) {
    this.#heap = heap;
    const raw = readOwn('options', given, CACHE_OPTIONS);
    const size = (name: (typeof CACHE_OPTIONS)[number], least: number, otherwise?: number) =>
      raw[name] === undefined && otherwise !== undefined
        ? otherwise
        : asInteger(name, raw[name], least, INT32_MAX);
    this.#batch = size('batch', 0, 1);
    this.#heads = size('heads', 1);
    this.#depth = size('depth', 1);
    this.#valueDepth = size('valueDepth', 0, this.#depth);
    this.#fixed = raw.fixed !== undefined && asBoolean('fixed', raw.fixed);
    const capacity = size('capacity', 0, 0);
    if (this.#fixed && raw.capacity === undefined) {
      throw new QkvError('ERR_OPTION', {
        argument: 'capacity',
        expected: 'the number of keys a fixed cache holds',
        received: 'undefined',
        fix: advice`Give capacity, or leave out fixed.`,
      });
    }
    this.#keys = new CachedRows(heap, this.#batch * this.#heads, this.#depth);
    this.#values = new CachedRows(heap, this.#batch * this.#heads, this.#valueDepth);
    this.#reserve(capacity);
  }

  get length(): number {
    return this.#keys.length;
  }

  get capacity(): number {
    return this.#capacity;
  }

  append(key: TensorInput, value: TensorInput, ...more: unknown[]): void {
    this.#expectInUse();
    expectNoMore('append(key, value)', more);
    const keys = this.#readRows('key', key, this.#depth);
    const values = this.#readRows('value', value, this.#valueDepth);
    this.#expectInUse(); // reading them ran code of the caller's
    expectStorage('key', keys.source);
    expectStorage('value', values.source);
    if (keys.count !== values.count) {
      throw new QkvError('ERR_SHAPE', {
        argument: 'value',
        expected: `${keys.count} rows, as key has`,
        received: `${values.count}`,
      });
    }
    const length = this.length + keys.count;
    if (length > this.#capacity) this.#grow(length);
    // The rows are read after growth, which may have moved the memory.
    this.#keys.write(keys.source.data, keys.count);
    this.#values.write(values.source.data, keys.count);
    this.#keys.length = length;
    this.#values.length = length;
  }

  truncate(length: number, ...more: unknown[]): void {
    this.#expectInUse();
    expectNoMore('truncate(length)', more);
    asInteger('length', length, 0, this.length);
    this.#keys.length = length;
    this.#values.length = length;
  }

  dispose(...more: unknown[]): void {
    expectNoMore('dispose()', more);
    this.#disposed = true;
    this.#keys.dispose();
    this.#values.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  /** Key and value of a call that attends the cache; they are not copied. */
  operands() {
    this.#expectInUse();
    return {
      key: this.#operand('key', this.#keys, this.#depth),
      value: this.#operand('value', this.#values, this.#valueDepth),
    };
  }

  #operand(argument: string, source: CachedRows, columns: number) {
    const shape = [this.#batch, this.#heads, this.length, columns];
    const dense = geometryOf(argument, shape, 'bhld');
    const head = source.headStride;
    const batch = batchStride(this.#batch, this.#heads * head);
    const strides = { batch, head, row: columns };
    return { argument, source, shape, geometry: { ...dense, strides } satisfies Geometry };
  }

  #readRows(argument: string, input: unknown, columns: number) {
    const source = readTensor(argument, input);
    const g = geometryOf(argument, source.shape, 'bhld');
    if (g.batch !== this.#batch || g.heads !== this.#heads || g.columns !== columns) {
      throw new QkvError('ERR_SHAPE', {
        argument,
        expected: `[${this.#batch}, ${this.#heads}, n, ${columns}] ([B, Hk, n, depth]; leading 1s may be left out)`,
        received: describe(source.shape),
      });
    }
    return { source, count: g.rows };
  }

  #grow(needed: number): void {
    if (this.#fixed) {
      throw new QkvError('ERR_SIZE', {
        argument: 'cache',
        expected: `at most ${this.#capacity} keys in a fixed cache`,
        received: `${needed}`,
        fix: advice`Truncate it, give it more capacity, or leave out fixed.`,
      });
    }
    const ample = Math.max(needed, 2 * this.#capacity, FIRST_CAPACITY);
    try {
      this.#reserve(ample);
    } catch (error) {
      if (ample === needed) throw error;
      this.#reserve(needed); // no room to double, but maybe for what is asked
    }
  }

  /** Makes both storages before it replaces either, so that a failure changes nothing. */
  #reserve(capacity: number): void {
    const heads = this.#batch * this.#heads;
    const columns = [this.#depth, this.#valueDepth];
    const bytes = columns.map((c) => 4 * elementsOf([heads, capacity, c]));
    if (bytes.some((b) => b > 4 * INT32_MAX)) {
      throw new QkvError('ERR_SIZE', {
        argument: 'capacity',
        expected: `at most ${INT32_MAX} elements`,
        received: `${Math.max(...bytes) / 4} for ${capacity} keys`,
      });
    }
    this.#heap.expectRoomFor(bytes.reduce((a, b) => a + b, 0));
    const keys = this.#keys.grown(capacity);
    let values: Resident;
    try {
      values = this.#values.grown(capacity);
    } catch (error) {
      keys.dispose();
      throw error;
    }
    this.#keys.replace(keys, capacity);
    this.#values.replace(values, capacity);
    this.#capacity = capacity;
  }

  #expectInUse(): void {
    if (!this.#disposed && !this.#heap.isClosed) return;
    throw new QkvError('ERR_DISPOSED', {
      argument: 'cache',
      expected: 'a cache in use',
      received: 'one that was disposed of',
      fix: advice`Create another with createKVCache().`,
    });
  }
}
