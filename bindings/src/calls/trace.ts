import type { MainModule } from '../loading/glue.js';
import { Bump } from '../memory/bump.js';
import { readResult } from '../memory/results.js';
import { elementsOf } from '../shape.js';
import type { AttentionTrace, ResultTensor } from '../types.js';
import type { Call } from './call.js';
import type { Engine } from './engine.js';

type Intermediate = Exclude<keyof AttentionTrace, 'output'>;

/** The member of qkv::Trace for each intermediate. */
const MEMBERS = {
  products: 'Trace_products',
  scaled: 'Trace_scaled',
  masked: 'Trace_masked',
  rowMax: 'Trace_row_max',
  exponentials: 'Trace_exponentials',
  rowSum: 'Trace_row_sum',
  weights: 'Trace_weights',
  contributions: 'Trace_contributions',
} as const satisfies Record<Intermediate, Extract<keyof MainModule, `Trace_${string}`>>;

/** Memory for the intermediates of a call, and qkv::Trace, which holds their addresses. */
export class TraceMemory {
  readonly #parts: readonly { name: Intermediate; shape: readonly number[]; offset: number }[];
  readonly #struct: number;
  readonly bytes: number;
  #traced: Partial<Record<Intermediate, ResultTensor>> = {};

  constructor(call: Call, module: MainModule) {
    const shapes = shapesOf(call);
    const bump = new Bump(module.alignment);
    const names = Object.keys(MEMBERS) as Intermediate[];
    this.#parts = names.map((name) => {
      const shape = shapes[name];
      return { name, shape, offset: bump.take(4 * elementsOf(shape)) };
    });
    this.#struct = bump.take(module.Trace_size);
    this.bytes = bump.bytes;
  }

  /** Computes with `base` as the start of this memory, and copies the results. */
  compute({ module, heap, problem }: Engine, workspace: number, base: number): void {
    const struct = base + this.#struct;
    for (const { name, offset } of this.#parts) {
      heap.i32[(struct + module[MEMBERS[name]]) >>> 2] = base + offset;
    }
    module.trace(problem.address, struct, workspace);
    for (const { name, shape, offset } of this.#parts) {
      this.#traced[name] = readResult(heap, base + offset, shape);
    }
  }

  read(): Record<Intermediate, ResultTensor> {
    return this.#traced as Record<Intermediate, ResultTensor>;
  }
}

/** Heads first in every layout: [L], [H, L] or [B, H, L] for each query. */
function shapesOf({ query, key, value }: Call): Record<Intermediate, readonly number[]> {
  const { rank, batch, heads, rows } = query.geometry;
  const perQuery = [batch, heads, rows].slice(4 - rank);
  const perPair = [...perQuery, key.geometry.rows];
  return {
    products: perPair,
    scaled: perPair,
    masked: perPair,
    rowMax: perQuery,
    exponentials: perPair,
    rowSum: perQuery,
    weights: perPair,
    contributions: [...perPair, value.geometry.columns],
  };
}
