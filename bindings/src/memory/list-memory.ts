import type { Heap } from './heap.js';

const FIRST_BYTES = 4096;
/** More than this is given back with the next call. */
const KEPT_BYTES = 65536;
/** At least this many bytes are left for rest(). */
const LEAST_REST = 1024;

interface List {
  readonly owner: string;
  readonly values: readonly number[];
  readonly type: 'f32' | 'i32';
}

/** A small area for the short lists of a call. It grows when a call needs more. */
export class ListMemory {
  readonly #heap: Heap;
  #address: number;
  #size = FIRST_BYTES;
  #lists: List[] = [];

  constructor(heap: Heap) {
    this.#heap = heap;
    this.#address = heap.allocate(FIRST_BYTES);
  }

  clear(): void {
    this.#lists.length = 0;
    if (this.#size > KEPT_BYTES) this.shrink();
  }

  /** Gives back what long lists needed. */
  shrink(): void {
    if (this.#size === FIRST_BYTES) return;
    this.#heap.release(this.#address);
    this.#size = FIRST_BYTES;
    this.#address = this.#heap.allocate(FIRST_BYTES);
  }

  add(owner: string, values: readonly number[], type: List['type']): void {
    this.#lists.push({ owner, values, type });
  }

  /** Writes all lists, and calls `tell` with the address of each. */
  write(tell: (owner: string, address: number) => void): void {
    if (this.#lists.length === 0) return;
    this.#ensure(this.#used + LEAST_REST);
    let address = this.#address;
    for (const { owner, values, type } of this.#lists) {
      this.#heap[type].set(values, address >>> 2);
      tell(owner, address);
      address += 4 * values.length;
    }
  }

  /** The area behind the lists, for numbers that are needed only once. */
  rest(): { readonly address: number; readonly floats: number } {
    const used = this.#used;
    return { address: this.#address + used, floats: (this.#size - used) >> 2 };
  }

  get #used(): number {
    return this.#lists.reduce((sum, { values }) => sum + 4 * values.length, 0);
  }

  #ensure(bytes: number): void {
    if (bytes <= this.#size) return;
    const address = this.#heap.allocate(bytes);
    this.#heap.release(this.#address);
    this.#address = address;
    this.#size = bytes;
  }
}
