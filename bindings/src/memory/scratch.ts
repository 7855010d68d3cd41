import { alignUp } from './bump.js';
import { type Heap, PAGE } from './heap.js';

const KEPT = PAGE;

/** One allocation that successive calls share. It grows to the size that the largest call needed. */
export class Scratch {
  readonly #heap: Heap;
  #address = 0;
  #size = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
    heap.idle = this;
  }

  /** Bytes that could be freed. A little is always kept, so that a small call works in full memory. */
  get spare(): number {
    return this.#size > KEPT ? this.#size : 0;
  }

  giveBack(): void {
    if (this.spare > 0) this.#release();
  }

  #release(): void {
    if (this.#size > 0) this.#heap.release(this.#address);
    this.#size = 0;
  }

  /** The address of `bytes` bytes, valid until the next call. */
  reserve(bytes: number): number {
    if (bytes <= this.#size) return this.#address;
    this.#heap.expectRoomFor(bytes);
    this.#release();
    this.#address = this.#heap.allocate(bytes);
    this.#size = alignUp(bytes, this.#heap.alignment);
    return this.#address;
  }
}
