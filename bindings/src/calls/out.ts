import { advice, describe, QkvError } from '../errors.js';
import { following } from '../memory/following.js';
import { Resident } from '../memory/resident.js';
import type { Tensor } from '../types.js';
import { type Call, tensorsOf } from './call.js';
import { asPlainView, isDetached, typeOfArray } from './typed-arrays.js';

export function readOut(argument: string, out: unknown): Float32Array | Resident {
  if (out instanceof Resident) return out;
  if (typeOfArray(out) !== 'Float32Array') {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: 'a Float32Array or a tensor made by tensor()',
      received: describe(out),
    });
  }
  return asPlainView(out as Float32Array);
}

/** Throws unless `out` has as many elements as the output and overlaps no input. */
export function expectOut(call: Call, elements: number): void {
  const { out } = call;
  if (out === undefined) return;
  if (!(out instanceof Resident) && out.length === 0 && elements > 0 && isDetached(out)) {
    throw new QkvError('ERR_DETACHED', {
      argument: 'out',
      expected: `${elements} elements`,
      received: 'an array whose buffer was detached (transferred) or shrunk',
    });
  }
  if (out.length !== elements) {
    throw new QkvError('ERR_SHAPE', {
      argument: 'out',
      expected: `${elements} elements, as many as the output has`,
      received: `${out.length}`,
    });
  }
  expectApart(call, out instanceof Resident ? out.data : out);
}

function expectApart({ query, key, value, options }: Call, target: Float32Array): void {
  const inputs = [
    ...[query, key, value].map(({ argument, source }) => ({ name: argument, source })),
    ...tensorsOf(options),
  ];
  for (const { name, source } of inputs) {
    const { buffer, byteOffset, byteLength } = source.data;
    const isApart =
      buffer !== target.buffer ||
      byteOffset + byteLength <= target.byteOffset ||
      target.byteOffset + target.byteLength <= byteOffset;
    if (isApart) continue;
    throw new QkvError('ERR_OVERLAP', {
      argument: 'out',
      expected: 'memory of its own',
      received: `memory that overlaps ${name}`,
      fix: advice`Give the output an array of its own: it is written while inputs are still read.`,
    });
  }
}

/** Returns the output of a call. `computed` is given if the core did not write to `out` itself. */
type Deliver = (shape: readonly number[], computed: Float32Array | undefined) => Tensor;

/** Call it before the memory can grow, because growth detaches an `out` that is a view of it. */
export function deliverTo(out: NonNullable<Call['out']>): Deliver {
  if (out instanceof Resident) {
    return (shape, computed) => {
      if (computed) out.data.set(computed); // of another instance
      return {
        get data() {
          return out.data; // follows the memory when it grows
        },
        shape,
      };
    };
  }
  const target = following(out);
  return (shape, computed) => {
    if (computed?.length) target().set(computed); // of no numbers, `out` may be detached
    return { data: target(), shape };
  };
}
