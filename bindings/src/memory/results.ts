import { advice, describe, QkvError } from '../errors.js';
import { elementsOf } from '../shape.js';
import type { ResultTensor } from '../types.js';
import type { Heap } from './heap.js';

/** A result in WebAssembly memory. */
export function viewResult(
  heap: Heap,
  address: number,
  shape: readonly number[],
): ResultTensor['data'] {
  const start = address >>> 2;
  return heap.f32.subarray(start, start + elementsOf(shape));
}

/** A copy of a result, which the caller keeps. */
export function readResult(heap: Heap, address: number, shape: readonly number[]): ResultTensor {
  try {
    // slice() would fill the new array with zeros first.
    return { data: new Float32Array(viewResult(heap, address, shape)), shape };
  } catch (cause) {
    throw new QkvError('ERR_OOM', {
      argument: 'memory',
      expected: `${4 * elementsOf(shape)} bytes for a result of shape ${describe(shape)}`,
      received: 'an engine that has no room for them',
      fix: advice`Drop results that are no longer needed, capture less, or write to out.`,
      cause,
    });
  }
}
