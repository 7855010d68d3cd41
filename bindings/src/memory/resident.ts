import { advice, QkvError } from '../errors.js';
import { expectNoMore } from '../extra-arguments.js';
import { finalization } from '../finalization.js';
import { elementsOf } from '../shape.js';
import { DISPOSE } from '../symbols.js';
import type { ResidentTensor } from '../types.js';
import { warnOfForgotten } from '../warn.js';
import type { Heap } from './heap.js';

interface Allocation {
  readonly heap: Heap;
  readonly address: number;
  /** Its name in a warning. */
  readonly owner: string;
}

const forgotten = finalization<Allocation>(({ heap, address, owner }) => {
  if (heap.isClosed) return;
  heap.release(address);
  warnOfForgotten(owner);
});

/** Numbers in WebAssembly memory: a tensor, or the keys or values of a cache. */
export abstract class InMemory {
  abstract readonly shape: readonly number[];
  abstract readonly data: Float32Array;
  /** Their address in `heap`; undefined if they are elsewhere and must be copied. */
  abstract addressIn(heap: Heap, argument: string): number | undefined;
}

/** A tensor in WebAssembly memory. When the memory has grown, `data` is a new view. */
export class Resident extends InMemory implements ResidentTensor {
  readonly shape: readonly number[];
  readonly #heap: Heap;
  readonly #length: number;
  #address: number;

  constructor(heap: Heap, shape: readonly number[], owner = 'a tensor') {
    super();
    this.#heap = heap;
    this.#length = elementsOf(shape);
    this.#address = heap.allocate(this.#length * 4);
    this.shape = Object.freeze([...shape]);
    forgotten.register(this, { heap, address: this.#address, owner }, this);
  }

  addressIn(heap: Heap, argument: string): number | undefined {
    this.expectInUse(argument);
    return heap === this.#heap ? this.#address : undefined;
  }

  /** Throws if the tensor, or the instance that made it, was disposed of. */
  expectInUse(argument: string): void {
    if (this.#address === 0 || this.#heap.isClosed) {
      throw new QkvError('ERR_DISPOSED', {
        argument,
        expected: 'a tensor in use',
        received: 'one that was disposed of',
        fix: advice`Keep the tensor, and the instance that made it, until the last call that uses it.`,
      });
    }
  }

  get length(): number {
    return this.#length;
  }

  get data(): Float32Array<ArrayBuffer> {
    this.expectInUse('tensor');
    const { f32, views } = this.#heap;
    let view = views.get(this.#address);
    if (view?.buffer !== f32.buffer) {
      view = new Float32Array(f32.buffer, this.#address, this.#length);
      views.set(this.#address, view);
    }
    return view;
  }

  dispose(...more: unknown[]): void {
    expectNoMore('dispose()', more);
    if (this.#address === 0) return;
    forgotten.unregister(this);
    this.#heap.release(this.#address);
    this.#address = 0;
  }

  [DISPOSE](): void {
    this.dispose();
  }
}
