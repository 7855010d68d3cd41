import type { Call } from '../calls/call.js';
import { isForEachKey, shapeOfCapture } from '../calls/captures.js';
import { withColumns } from '../calls/geometry.js';
import type { Captured, Tensor } from '../types.js';
import type { Task } from './backlog.js';
import type { AttendedAnswer, Result } from './messages.js';
import { allocate, type Range, Strided } from './strided.js';

/** Assembles the results of a call from those of its tasks: one set of results for each part of the keys. */
export class Assembly {
  readonly #parts: readonly ReadonlyMap<Result, Target>[];

  constructor(call: Call, parts: number, capture: readonly Captured[]) {
    this.#parts = Array.from({ length: parts }, () => {
      const results: Result[] = ['output', ...capture];
      return new Map(results.map((name) => [name, targetOf(call, name)]));
    });
  }

  write({ batches, heads, queries, part }: Task, { results }: AttendedAnswer): void {
    for (const [name, { numbers, columns }] of this.#parts[part] as ReadonlyMap<Result, Target>)
      numbers.write([batches, heads, queries, columns], results[name] as Float32Array);
  }

  /** The results of each part; complete when all tasks are written. */
  get results(): readonly ({ readonly output: Tensor } & Partial<Record<Captured, Tensor>>)[] {
    return this.#parts.map((targets) => {
      const tensors = Array.from(targets, ([name, { numbers, shape }]) => [
        name,
        { data: numbers.data, shape },
      ]);
      return Object.fromEntries(tensors) as { output: Tensor };
    });
  }
}

interface Target {
  readonly numbers: Strided;
  readonly columns: Range;
  readonly shape: readonly number[];
}

function targetOf({ query, key, value }: Call, name: Result): Target {
  const { batch, heads, rows } = query.geometry;
  const keys = key.geometry.rows;
  const none = new Float32Array();
  if (name === 'output') {
    const { columns, strides } = withColumns(query.geometry, value.geometry.columns);
    const shape = [...query.shape.slice(0, -1), columns];
    const numbers = allocate(none, shape);
    return {
      numbers: new Strided(numbers, [strides.batch, strides.head, strides.row]),
      columns: { start: 0, end: columns },
      shape,
    };
  }
  const columns = isForEachKey(name) ? keys : 1;
  const shape = shapeOfCapture(name, [batch, heads, rows], keys);
  return {
    numbers: new Strided(allocate(none, shape), [heads * rows * columns, rows * columns, columns]),
    columns: { start: 0, end: columns },
    shape,
  };
}
