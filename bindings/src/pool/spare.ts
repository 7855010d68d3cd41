import type { KeysAndValues } from './messages.js';

const MOST_BYTES = 2 ** 25;
/** Smaller arrays are as cheap to allocate as to keep. */
const LEAST_BYTES = 2 ** 14;

/**
 * Arrays that came from workers, reused for the next messages to them. Without reuse the garbage
 * collector would run often, on a core that a worker could use, and for longer in a larger application.
 */
export class SpareArrays {
  /** By their lengths. */
  readonly #arrays = new Map<number, Float32Array[]>();
  #bytes = 0;

  /** An array of this length with arbitrary content, if there is one. */
  take(length: number): Float32Array | undefined {
    const alike = this.#arrays.get(length);
    const array = alike?.pop();
    if (alike?.length === 0) this.#arrays.delete(length);
    this.#bytes -= array?.byteLength ?? 0;
    return array;
  }

  /** Keeps an array. If there are too many, it drops those of earlier calls. */
  give(array: Float32Array): void {
    if (array.byteLength < LEAST_BYTES || array.byteLength > MOST_BYTES) return;
    if (this.#bytes + array.byteLength > MOST_BYTES) {
      this.#arrays.clear();
      this.#bytes = 0;
    }
    this.#bytes += array.byteLength;
    const alike = this.#arrays.get(array.length);
    if (alike) alike.push(array);
    else this.#arrays.set(array.length, [array]);
  }

  giveBoth({ key, value }: KeysAndValues): void {
    this.give(key.data);
    this.give(value.data);
  }
}
