import { advice, QkvError } from '../errors.js';
import { expectNoMore } from '../extra-arguments.js';
import type { MainModule } from '../loading/glue.js';
import type { Heap } from '../memory/heap.js';
import { Resident } from '../memory/resident.js';
import { readResult, viewResult } from '../memory/results.js';
import { Scratch } from '../memory/scratch.js';
import { DISPOSE } from '../symbols.js';
import type {
  Attention,
  AttentionOptions,
  AttentionResult,
  AttentionTrace,
  Captured,
  KVCache,
  KVCacheOptions,
  MergeOptions,
  MergePart,
  ResidentTensor,
  ResultTensor,
  RotaryOptions,
  Tensor,
  TensorInput,
} from '../types.js';
import { readArguments } from './arguments.js';
import { type Call, readCall } from './call.js';
import { shapeOfCapture } from './captures.js';
import type { Engine } from './engine.js';
import type { Extents } from './extents.js';
import { shapeLike } from './geometry.js';
import { KeyValueCache } from './kv-cache.js';
import { readMerge, runMerge } from './merge.js';
import { readNumbers } from './numbers.js';
import { deliverTo, expectOut } from './out.js';
import { type Placement, place } from './placement.js';
import { ProblemMemory } from './problem.js';
import { runRotary } from './rotary.js';
import { readRotary } from './rotary-options.js';
import { readShape } from './tensors.js';
import { TraceMemory } from './trace.js';

export class EngineAttention implements Attention {
  readonly info: Attention['info'];
  #engine: Engine | undefined;
  #ended = 'was disposed of';

  constructor(module: MainModule, heap: Heap, info: Attention['info']) {
    this.#engine = {
      module,
      heap,
      problem: new ProblemMemory(module, heap),
      scratch: new Scratch(heap),
    };
    this.info = Object.freeze(info);
  }

  attend(
    query: TensorInput,
    key: TensorInput,
    value: TensorInput,
    options?: AttentionOptions,
  ): AttentionResult;
  attend(query: TensorInput, cache: KVCache, options?: AttentionOptions): AttentionResult;
  attend(...given: unknown[]): AttentionResult<Float32Array> {
    const { module } = this.#use();
    return this.#run(readCall(readArguments('attend', given), module), undefined);
  }

  /** As attend(), and writes the output over the query, which must have as many numbers. */
  attendInPlace(
    query: Tensor,
    key: TensorInput,
    value: TensorInput,
    options: AttentionOptions,
  ): AttentionResult<Float32Array> {
    const call = readCall({ query, key, value, options }, this.#use().module);
    return this.#run({ ...call, out: query.data }, undefined, true);
  }

  trace(
    query: TensorInput,
    key: TensorInput,
    value: TensorInput,
    options?: AttentionOptions,
  ): AttentionTrace;
  trace(query: TensorInput, cache: KVCache, options?: AttentionOptions): AttentionTrace;
  trace(...given: unknown[]): AttentionTrace {
    const { module } = this.#use();
    const call: Call = {
      ...readCall(readArguments('trace', given), module),
      capture: new Set(),
      out: undefined,
    };
    const memory = new TraceMemory(call, module);
    const { output } = this.#run(call, memory) as AttentionResult; // there is no `out`
    return { ...memory.read(), output };
  }

  /** Checks, then allocates, then writes, then computes. */
  #run(
    call: Call,
    trace: TraceMemory | undefined,
    isInPlace = false,
  ): AttentionResult<Float32Array> {
    const engine = this.#use(); // reading the call ran code of the caller's
    const { module, heap, problem, scratch } = engine;
    const extents = problem.describe(call);
    const { batch, heads, queries, valueDepth } = extents;
    if (!isInPlace) expectOut(call, batch * heads * queries * valueDepth);
    problem.expectValid(call);
    const placement = place(call, extents, heap, problem.workspaceBytes, trace !== undefined);
    const deliver = call.out === undefined ? undefined : deliverTo(call.out);
    const base = scratch.reserve(placement.bytes + (trace?.bytes ?? 0));
    problem.fill(call, placement, base);
    const workspace = base + placement.workspace;
    this.#guard(() => {
      if (trace) trace.compute(engine, workspace, base + placement.bytes);
      else module.attend(problem.address, workspace);
    });

    const shape = shapeLike(call.query.shape, valueDepth);
    const captured =
      call.capture.size === 0 ? undefined : readCaptured(call, extents, heap, placement, base);
    const at = placement.output === undefined ? undefined : base + placement.output;
    const output = deliver
      ? deliver(shape, at === undefined ? undefined : viewResult(heap, at, shape))
      : readResult(heap, at as number, shape);
    return captured === undefined ? { output } : { output, ...captured };
  }

  merge(parts: readonly MergePart[], options?: MergeOptions, ...more: unknown[]): AttentionResult {
    this.#use();
    expectNoMore('merge(parts, options)', more);
    const merge = readMerge(parts, options);
    const engine = this.#use(); // reading the parts ran code of the caller's
    return this.#guard(() => runMerge(merge, engine));
  }

  createKVCache(options: KVCacheOptions, ...more: unknown[]): KVCache {
    expectNoMore('createKVCache(options)', more);
    return new KeyValueCache(this.#use().heap, options);
  }

  rotaryEmbedding(x: TensorInput, options?: RotaryOptions, ...more: unknown[]): ResultTensor {
    this.#use();
    expectNoMore('rotaryEmbedding(x, options)', more);
    const rotary = readRotary(x, options);
    const engine = this.#use(); // reading x ran code of the caller's
    return this.#guard(() => runRotary(rotary, engine));
  }

  tensor(shape: readonly number[], data?: ArrayLike<number>, ...more: unknown[]): ResidentTensor {
    this.#use();
    expectNoMore('tensor(shape, data)', more);
    const sizes = readShape('tensor', shape);
    const numbers = data === undefined ? undefined : readNumbers('data', data, sizes);
    const tensor = new Resident(this.#use().heap, sizes); // reading ran code of the caller's
    if (numbers === undefined) tensor.data.fill(0);
    else tensor.data.set(numbers());
    return tensor;
  }

  get memory(): Attention['memory'] {
    const { heap } = this.#use();
    return { bytes: heap.bytes, used: heap.used };
  }

  dispose(...more: unknown[]): void {
    expectNoMore('dispose()', more);
    this.#engine?.heap.close();
    this.#engine = undefined;
  }

  [DISPOSE](): void {
    this.dispose();
  }

  #use(): Engine {
    if (this.#engine !== undefined) return this.#engine;
    throw new QkvError('ERR_DISPOSED', {
      argument: 'attention',
      expected: 'an instance in use',
      received: `one that ${this.#ended}`,
      fix: advice`Create another with createAttention().`,
    });
  }

  /** After a trap the state of the module is unknown, so it is not used again. */
  #guard<Result>(compute: () => Result): Result {
    try {
      return compute();
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
      this.#ended = 'stopped in the middle of a call';
      this.dispose();
      throw new QkvError('ERR_DISPOSED', {
        argument: 'attention',
        expected: 'the computation to end',
        received: `a trap: ${cause.message}`,
        fix: advice`This is a defect of qkv. The instance is gone; create another with createAttention().`,
        cause,
      });
    }
  }
}

/** Copies of what was captured. */
function readCaptured(
  call: Call,
  { batch, heads, queries, keys }: Extents,
  heap: Heap,
  placement: Placement,
  base: number,
): Partial<Record<Captured, ResultTensor>> {
  const captured: Partial<Record<Captured, ResultTensor>> = {};
  for (const name of call.capture) {
    const at = base + (placement.captures[name] as number);
    captured[name] = readResult(heap, at, shapeOfCapture(name, [batch, heads, queries], keys));
  }
  return captured;
}
