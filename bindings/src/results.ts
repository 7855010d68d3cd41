import { describe, QkvError } from './errors.js';
import type { Heap } from './heap.js';
import { elementsOf } from './tensors.js';
import type { Tensor } from './types.js';

/** A copy of what was computed, for the caller to keep. */
export function readResult(heap: Heap, address: number, shape: readonly number[]): Tensor {
  const start = address >>> 2;
  const elements = elementsOf(shape);
  try {
    // Not slice(), which fills the new array with zeros first.
    return { data: new Float32Array(heap.f32.subarray(start, start + elements)), shape };
  } catch (cause) {
    throw new QkvError('ERR_OOM', {
      argument: 'memory',
      expected: `${4 * elements} bytes for a result of shape ${describe(shape)}`,
      received: 'an engine that has no room for them',
      fix: 'Drop results that are no longer needed, capture less, or write to `out`.',
      cause,
    });
  }
}
