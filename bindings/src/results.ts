import type { Heap } from './heap.js';
import { elementsOf } from './tensors.js';
import type { Tensor } from './types.js';

/** A copy of what was computed, for the caller to keep. */
export function readResult(heap: Heap, address: number, shape: readonly number[]): Tensor {
  const start = address >>> 2;
  return { data: heap.f32.slice(start, start + elementsOf(shape)), shape };
}
