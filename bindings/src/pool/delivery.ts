import { QkvError } from '../errors.js';
import { following } from '../memory/following.js';
import { Resident } from '../memory/resident.js';
import type { AttentionResult, Tensor } from '../types.js';

/** Copies the complete output to `out`, if it was given. */
export function deliverTo(
  out: Float32Array | Resident | undefined,
): (result: AttentionResult) => AttentionResult<Float32Array> {
  if (out === undefined) return (result) => result;
  const target = out instanceof Resident ? () => out.data : following(out);
  return ({ output, ...captured }) => {
    if (out instanceof Resident) out.expectInUse('out');
    if (target().length !== output.data.length) {
      throw new QkvError('ERR_DETACHED', {
        argument: 'out',
        expected: `${output.data.length} elements`,
        received: 'an array whose buffer was detached (transferred) or shrunk during the call',
      });
    }
    if (output.data.length > 0) target().set(output.data); // of no numbers, `out` may be detached
    return { output: follow(target, output.shape), ...captured };
  };
}

function follow(target: () => Float32Array, shape: readonly number[]): Tensor {
  return {
    get data() {
      return target(); // follows the memory when it grows
    },
    shape,
  };
}
