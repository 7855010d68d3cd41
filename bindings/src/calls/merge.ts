import { advice, describe, QkvError } from '../errors.js';
import { Bump } from '../memory/bump.js';
import { readResult } from '../memory/results.js';
import { elementsOf } from '../shape.js';
import type { AttentionResult } from '../types.js';
import type { Engine } from './engine.js';
import { type Geometry, geometryOf, readLayout } from './geometry.js';
import { readOwn } from './named-options.js';
import { expectStorage, readTensor, type TensorData } from './tensors.js';

interface Part {
  readonly output: TensorData;
  readonly logSumExp: TensorData;
}

export interface Merge {
  readonly parts: readonly Part[];
  readonly shape: readonly number[];
  readonly geometry: Geometry;
}

export function readMerge(given: unknown, options: unknown): Merge {
  const layout = readLayout(readOwn('options', options, ['layout']).layout);
  if (!Array.isArray(given) || given.length === 0) {
    throw new QkvError('ERR_TYPE', {
      argument: 'parts',
      expected: 'an array of at least one { output, logSumExp }',
      received: describe(given),
    });
  }
  const parts = Array.from(given, readPart);
  const { shape } = (parts[0] as Part).output;
  const geometry = geometryOf('parts[0].output', shape, layout);
  const rows = geometry.batch * geometry.heads * geometry.rows;
  parts.forEach(({ output, logSumExp }, i) => {
    expectStorage(`parts[${i}].output`, output);
    expectStorage(`parts[${i}].logSumExp`, logSumExp);
    if (describe(output.shape) !== describe(shape)) {
      throw new QkvError('ERR_SHAPE', {
        argument: `parts[${i}].output`,
        expected: `shape ${describe(shape)}, as the first part`,
        received: describe(output.shape),
      });
    }
    if (logSumExp.data.length !== rows) {
      throw new QkvError('ERR_SHAPE', {
        argument: `parts[${i}].logSumExp`,
        expected: `[B, H, L], ${rows} numbers for output ${describe(shape)}`,
        received: describe(logSumExp.shape),
      });
    }
  });
  return { parts, shape, geometry };
}

function readPart(part: unknown, i: number): Part {
  const { output, logSumExp } = (part ?? {}) as { output?: unknown; logSumExp?: unknown };
  if (logSumExp === undefined) {
    throw new QkvError('ERR_TYPE', {
      argument: `parts[${i}].logSumExp`,
      expected: 'the log-sum-exp of the part',
      received: 'undefined',
      fix: advice`Compute each part with capture: ['logSumExp'].`,
    });
  }
  return {
    output: readTensor(`parts[${i}].output`, output),
    logSumExp: readTensor(`parts[${i}].logSumExp`, logSumExp),
  };
}

export function runMerge({ parts, shape, geometry }: Merge, engine: Engine): AttentionResult {
  const { module, heap, problem, scratch } = engine;
  const { batch, heads, rows, strides } = geometry;
  const outputBytes = 4 * elementsOf(shape);
  const rowBytes = 4 * batch * heads * rows;
  const bump = new Bump(heap.alignment);
  const placed = parts.map(() => ({
    output: bump.take(outputBytes),
    logSumExp: bump.take(rowBytes),
  }));
  const output = bump.take(outputBytes);
  const logSumExp = bump.take(rowBytes);
  const list = bump.take(parts.length * module.MergePart_size);

  const base = scratch.reserve(bump.bytes);
  problem.describeMerge(geometry, base + output, base + logSumExp);
  parts.forEach((part, i) => {
    const at = placed[i] as (typeof placed)[number];
    heap.f32.set(part.output.data, (base + at.output) >>> 2);
    heap.f32.set(part.logSumExp.data, (base + at.logSumExp) >>> 2);
    const struct = base + list + i * module.MergePart_size;
    problem.writeTensor(struct + module.MergePart_output, base + at.output, strides);
    heap.i32[(struct + module.MergePart_log_sum_exp) >>> 2] = base + at.logSumExp;
  });
  module.merge(problem.address, base + list, parts.length);
  return {
    output: readResult(heap, base + output, shape),
    logSumExp: readResult(heap, base + logSumExp, [batch, heads, rows]),
  };
}
