import { advice, describe, QkvError } from '../errors.js';
import type { MainModule } from '../loading/glue.js';
import { Bump } from '../memory/bump.js';
import { readResult } from '../memory/results.js';
import { elementsOf } from '../shape.js';
import type { Attention } from '../types.js';
import { ROW_SUMS, type RowSums } from './captures.js';
import type { Engine } from './engine.js';
import { type Geometry, geometryOf, readLayout } from './geometry.js';
import { readOwn } from './named-options.js';
import { expectStorage, readTensor, type TensorData } from './tensors.js';

/** A result, and what is known of its sums: `rowMax` and `rowSum`, or `logSumExp` alone. */
type Part = { readonly output: TensorData } & Partial<Record<RowSums, TensorData>>;

/** The member of qkv::MergePart for each sum. */
const MEMBERS = {
  logSumExp: 'MergePart_log_sum_exp',
  rowMax: 'MergePart_row_max',
  rowSum: 'MergePart_row_sum',
} as const satisfies Record<RowSums, keyof MainModule>;

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
      expected: 'an array of at least one { output, rowMax, rowSum }',
      received: describe(given),
    });
  }
  const parts = Array.from(given, readPart);
  const { shape } = (parts[0] as Part).output;
  const geometry = geometryOf('parts[0].output', shape, layout);
  const rows = geometry.batch * geometry.heads * geometry.rows;
  parts.forEach((part, i) => {
    expectStorage(`parts[${i}].output`, part.output);
    if (describe(part.output.shape) !== describe(shape)) {
      throw new QkvError('ERR_SHAPE', {
        argument: `parts[${i}].output`,
        expected: `shape ${describe(shape)}, as the first part`,
        received: describe(part.output.shape),
      });
    }
    for (const [name, sums] of sumsOf(part)) {
      const argument = `parts[${i}].${name}`;
      expectStorage(argument, sums);
      if (sums.data.length !== rows) {
        throw new QkvError('ERR_SHAPE', {
          argument,
          expected: `[B, H, L], ${rows} numbers for output ${describe(shape)}`,
          received: describe(sums.shape),
        });
      }
    }
  });
  return { parts, shape, geometry };
}

function readPart(part: unknown, i: number): Part {
  const raw = (part ?? {}) as Partial<Record<'output' | RowSums, unknown>>;
  const { output, logSumExp, rowMax, rowSum } = raw; // each is read once
  const read = (name: RowSums, given: unknown) => readTensor(`parts[${i}].${name}`, given);
  const hasBoth = rowMax !== undefined && rowSum !== undefined;
  if (!hasBoth && logSumExp === undefined) {
    throw new QkvError('ERR_TYPE', {
      argument: `parts[${i}].${rowMax === undefined ? 'rowMax' : 'rowSum'}`,
      expected: 'rowMax and rowSum of the part, or its logSumExp',
      received: 'undefined',
      fix: advice`Compute each part with capture: ['rowMax', 'rowSum'].`,
    });
  }
  return {
    output: readTensor(`parts[${i}].output`, output),
    ...(hasBoth
      ? { rowMax: read('rowMax', rowMax), rowSum: read('rowSum', rowSum) }
      : { logSumExp: read('logSumExp', logSumExp) }),
  };
}

function sumsOf(part: Part): [RowSums, TensorData][] {
  return ROW_SUMS.flatMap((name) => (part[name] ? [[name, part[name]]] : []));
}

export function runMerge(
  { parts, shape, geometry }: Merge,
  engine: Engine,
): ReturnType<Attention['merge']> {
  const { module, heap, problem, scratch } = engine;
  const { batch, heads, rows, strides } = geometry;
  const outputBytes = 4 * elementsOf(shape);
  const rowBytes = 4 * batch * heads * rows;
  const bump = new Bump(heap.alignment);
  const placed = parts.map((part) => ({
    output: bump.take(outputBytes),
    sums: sumsOf(part).map(([name, { data }]) => ({ name, data, at: bump.take(rowBytes) })),
  }));
  const output = bump.take(outputBytes);
  const merged = ROW_SUMS.map((name) => [name, bump.take(rowBytes)] as const);
  const list = bump.take(parts.length * module.MergePart_size);

  const base = scratch.reserve(bump.bytes);
  const addresses = Object.fromEntries(merged.map(([name, at]) => [name, base + at])) as Record<
    RowSums,
    number
  >;
  problem.describeMerge(geometry, base + output, addresses);
  parts.forEach((part, i) => {
    const at = placed[i] as (typeof placed)[number];
    const struct = base + list + i * module.MergePart_size;
    heap.f32.set(part.output.data, (base + at.output) >>> 2);
    problem.writeTensor(struct + module.MergePart_output, base + at.output, strides);
    for (const member of Object.values(MEMBERS)) heap.i32[(struct + module[member]) >>> 2] = 0;
    for (const sums of at.sums) {
      heap.f32.set(sums.data, (base + sums.at) >>> 2);
      heap.i32[(struct + module[MEMBERS[sums.name]]) >>> 2] = base + sums.at;
    }
  });
  module.merge(problem.address, base + list, parts.length);
  const sums = (name: RowSums) => readResult(heap, addresses[name], [batch, heads, rows]);
  return {
    output: readResult(heap, base + output, shape),
    logSumExp: sums('logSumExp'),
    rowMax: sums('rowMax'),
    rowSum: sums('rowSum'),
  };
}
