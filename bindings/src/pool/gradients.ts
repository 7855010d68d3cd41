import { gradientShape } from '../calls/backward.js';
import type { Backward } from '../calls/backward-options.js';
import type { Call } from '../calls/call.js';
import { withColumns } from '../calls/geometry.js';
import type { Differentiable, Gradients, ResultTensor } from '../types.js';
import type { Task } from './backlog.js';
import { Source } from './inputs.js';
import type { AttendedAnswer, GradientOrder } from './messages.js';
import { queryHeads } from './portion.js';
import type { SpareArrays } from './spare.js';
import type { Share } from './split.js';
import { allocate, type Box, type Range, Strided } from './strided.js';

const ONE: Range = { start: 0, end: 1 };

/** The rows of a share that only its gradients need. */
export class GradientRows {
  readonly #wanted: readonly Differentiable[];
  readonly #queries: Range;
  readonly #outputGradient: Source;
  readonly #forward: { readonly output: Source; readonly logSumExp: Source } | undefined;

  constructor(
    { call, outputGradient, forward, wanted }: Backward,
    share: Share,
    spare: SpareArrays,
  ) {
    const { heads, rows } = call.query.geometry;
    const output = withColumns(call.query.geometry, call.value.geometry.columns);
    const perRow = { ...output, columns: 1, strides: { batch: heads * rows, head: rows, row: 1 } };
    const sourceOf = (source: Backward['outputGradient'], geometry: typeof output) =>
      new Source(
        { argument: '', source, shape: source.shape, geometry },
        share.batches,
        queryHeads(call, share.keyHeads),
        spare,
      );
    this.#wanted = [...wanted];
    this.#queries = { start: 0, end: rows };
    this.#outputGradient = sourceOf(outputGradient, output);
    this.#forward = forward && {
      output: sourceOf(forward.output, output),
      logSumExp: sourceOf(forward.logSumExp, perRow),
    };
  }

  take(): GradientOrder {
    const [queries, wanted] = [this.#queries, this.#wanted];
    const outputGradient = this.#outputGradient.take(queries);
    if (this.#forward === undefined) return { outputGradient, wanted };
    const { data, shape } = this.#forward.logSumExp.take(queries);
    const logSumExp = { data, shape: shape.slice(0, 3) };
    return {
      outputGradient,
      forward: { output: this.#forward.output.take(queries), logSumExp },
      wanted,
    };
  }

  /** Copies what the caller may change. */
  snapshot(): void {
    this.#outputGradient.snapshot(this.#queries);
    this.#forward?.output.snapshot(this.#queries);
    this.#forward?.logSumExp.snapshot(this.#queries);
  }
}

interface Target {
  readonly numbers: Strided;
  readonly shape: readonly number[];
  /** What a task computes of it. */
  readonly box: (task: Task) => Box;
}

/** Assembles the gradients of a call from those of its tasks. */
export class GradientAssembly {
  readonly #targets: ReadonlyMap<Differentiable, Target>;

  constructor({ call, wanted }: Backward) {
    this.#targets = new Map(Array.from(wanted, (name) => [name, targetOf(call, name)]));
  }

  write(task: Task, { results }: AttendedAnswer): void {
    for (const [name, { numbers, box }] of this.#targets)
      numbers.write(box(task), results[name] as Float32Array);
  }

  /** Complete when all tasks are written. */
  get gradients(): Gradients {
    const gradients: { [Name in Differentiable]?: ResultTensor } = {};
    for (const [name, { numbers, shape }] of this.#targets)
      gradients[name] = { data: numbers.data as ResultTensor['data'], shape };
    return gradients;
  }
}

function targetOf(call: Call, name: Differentiable): Target {
  const shape = gradientShape(call, name);
  const data = allocate(new Float32Array(), shape);
  const all = (end: number): Range => ({ start: 0, end });
  switch (name) {
    case 'query':
    case 'key':
    case 'value': {
      const { batch, rows, columns } = call[name].geometry;
      const { strides } = withColumns(call[name].geometry, columns); // a cache has strides of its own
      return {
        numbers: new Strided(data, [strides.batch, strides.head, strides.row]),
        shape,
        box: ({ batches, heads, keyHeads }) => [
          batch === 1 ? ONE : batches,
          name === 'query' ? heads : keyHeads,
          all(rows),
          all(columns),
        ],
      };
    }
    case 'bias': {
      const extents = call.options.bias?.extents as readonly [number, number, number, number];
      const [, ofHeads, rows, columns] = extents;
      return {
        numbers: new Strided(data, [ofHeads * rows * columns, rows * columns, columns]),
        shape,
        box: ({ batches, heads }) => [
          extents[0] === 1 ? ONE : batches,
          ofHeads === 1 ? ONE : heads,
          all(rows),
          all(columns),
        ],
      };
    }
    default:
      return {
        numbers: new Strided(data, [0, 0, 0]),
        shape,
        box: ({ heads }) => [ONE, ONE, ONE, heads],
      };
  }
}
