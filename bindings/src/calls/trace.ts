import { Bump } from '../memory/bump.js';
import { readResult } from '../memory/results.js';
import type { AttentionTrace, Tensor } from '../types.js';
import type { Call } from './call.js';
import type { Engine } from './engine.js';
import { elementsOf } from './tensors.js';

type Intermediate = Exclude<keyof AttentionTrace, 'output'>;

/** Where the intermediates of a call go, and qkv::Trace, which says so to the core. */
export class TraceMemory {
  readonly #parts: readonly { name: Intermediate; shape: readonly number[]; offset: number }[];
  readonly #struct: number;
  readonly bytes: number;
  #traced: Record<Intermediate, Tensor> | undefined;

  constructor(call: Call, structBytes: number) {
    const { rank, batch, heads, rows } = call.query.geometry;
    // Heads first in every layout: [L], [H, L] or [B, H, L].
    const perRow = [batch, heads, rows].slice(4 - rank);
    const perPair = [...perRow, call.key.geometry.rows];
    // In the order of qkv::Trace (src/trace.hpp).
    const shapes: Record<Intermediate, readonly number[]> = {
      products: perPair,
      scaled: perPair,
      masked: perPair,
      rowMax: perRow,
      exponentials: perPair,
      rowSum: perRow,
      weights: perPair,
      contributions: [...perPair, call.value.geometry.columns],
    };
    const bump = new Bump();
    const names = Object.keys(shapes) as Intermediate[];
    this.#parts = names.map((name) => {
      const shape = shapes[name];
      return { name, shape, offset: bump.take(4 * elementsOf(shape)) };
    });
    this.#struct = bump.take(structBytes);
    this.bytes = bump.bytes;
  }

  /** Computes with `base` as the start of this memory, and keeps copies of what was computed. */
  compute(engine: Engine, workspace: number, base: number): void {
    const { module, heap, problem } = engine;
    const addresses = this.#parts.map(({ offset }) => base + offset);
    heap.i32.set(addresses, (base + this.#struct) >>> 2);
    module.trace(problem.address, base + this.#struct, workspace);
    const traced: Partial<Record<Intermediate, Tensor>> = {};
    for (const { name, shape, offset } of this.#parts) {
      traced[name] = readResult(heap, base + offset, shape);
    }
    this.#traced = traced as Record<Intermediate, Tensor>;
  }

  read(): Record<Intermediate, Tensor> {
    return this.#traced as Record<Intermediate, Tensor>;
  }
}
