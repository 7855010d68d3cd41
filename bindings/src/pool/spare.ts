import type { KeysAndValues } from './messages.js';

const MOST_BYTES = 2 ** 25;
/** What is smaller costs no more than keeping it. */
const LEAST_BYTES = 2 ** 14;

/**
 * Arrays that came from workers, for what is sent to them next. Were they dropped, garbage collections
 * would follow each other, and each takes a core that a worker could have, the longer the larger the
 * application around is.
 */
export class SpareArrays {
  /** By their lengths. */
  readonly #arrays = new Map<number, Float32Array[]>();
  #bytes = 0;

  /** One with whatever it held, if there is one. */
  take(length: number): Float32Array | undefined {
    const alike = this.#arrays.get(length);
    const array = alike?.pop();
    if (alike?.length === 0) this.#arrays.delete(length);
    this.#bytes -= array?.byteLength ?? 0;
    return array;
  }

  /** Of too many, those of earlier calls are let go. */
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
