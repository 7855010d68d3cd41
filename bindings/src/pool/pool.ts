import { readArguments, readBackwardArguments } from '../calls/arguments.js';
import type { EngineAttention } from '../calls/attention.js';
import { BACKWARD_OPTIONS, type Backward, readBackward } from '../calls/backward-options.js';
import { type Call, readCall } from '../calls/call.js';
import type { RowSums } from '../calls/captures.js';
import { readOwn } from '../calls/named-options.js';
import { adviceForElsewhere } from '../calls/names-elsewhere.js';
import { ATTENTION_OPTIONS } from '../calls/options.js';
import { expectOut } from '../calls/out.js';
import type { ProblemMemory } from '../calls/problem.js';
import { advice, describe, QkvError } from '../errors.js';
import { expectNoMore } from '../extra-arguments.js';
import { finalization } from '../finalization.js';
import { aborted } from '../loading/deadline.js';
import type { MainModule } from '../loading/glue.js';
import { readSignal } from '../loading/settings.js';
import { elementsOf } from '../shape.js';
import { DISPOSE } from '../symbols.js';
import type {
  Attention,
  AttentionResult,
  Captured,
  Gradients,
  KVCache,
  TensorInput,
} from '../types.js';
import { Assembly } from './assembly.js';
import { Backlog } from './backlog.js';
import { deliverTo } from './delivery.js';
import { GradientAssembly } from './gradients.js';
import { Job } from './job.js';
import { split, splitBackward } from './split.js';
import type { Team } from './team.js';
import type {
  AttentionPool,
  PoolAttentionOptions,
  PoolBackwardOptions,
  PoolCallOptions,
} from './types.js';

/** Ends the workers of a pool that was garbage-collected. */
const forgotten = finalization<Team>((team) => team.end(disposed('was forgotten')));

export class WorkerPool implements AttentionPool {
  readonly info: Attention['info'];
  readonly workers: number;
  /** The instance of this thread; it merges parts. */
  readonly #attention: EngineAttention;
  readonly #module: MainModule;
  readonly #problem: ProblemMemory;
  readonly #team: Team;
  #isDisposed = false;

  constructor(attention: EngineAttention, module: MainModule, problem: ProblemMemory, team: Team) {
    this.#attention = attention;
    this.#module = module;
    this.#problem = problem;
    this.#team = team;
    this.info = attention.info;
    this.workers = team.size;
    forgotten.register(this, team, this);
  }

  async attend(
    query: TensorInput,
    key: TensorInput,
    value: TensorInput,
    options?: PoolAttentionOptions,
  ): Promise<AttentionResult>;
  async attend(
    query: TensorInput,
    cache: KVCache,
    options?: PoolAttentionOptions,
  ): Promise<AttentionResult>;
  async attend(...given: unknown[]): Promise<AttentionResult<Float32Array>> {
    this.#expectInUse();
    const { options: all, ...inputs } = readArguments('attend', given);
    const { signal, onProgress, options } = readOptions(all, ATTENTION_OPTIONS);
    const call = readCall({ ...inputs, options }, this.#module);
    this.#expectInUse(); // reading the call ran code of the caller's
    const { batch, heads, queries, valueDepth } = this.#problem.describe(call);
    expectOut(call, elementsOf([batch, heads, queries, valueDepth]));
    this.#problem.expectValid(call);
    return this.#run(signal, () => this.#jobOf(call, onProgress));
  }

  async backward(
    query: TensorInput,
    key: TensorInput,
    value: TensorInput,
    outputGradient: TensorInput,
    options?: PoolBackwardOptions,
  ): Promise<Gradients>;
  async backward(
    query: TensorInput,
    cache: KVCache,
    outputGradient: TensorInput,
    options?: PoolBackwardOptions,
  ): Promise<Gradients>;
  async backward(...given: unknown[]): Promise<Gradients> {
    this.#expectInUse();
    const { options: all, ...inputs } = readBackwardArguments(given);
    const { signal, onProgress, options } = readOptions(all, BACKWARD_OPTIONS);
    const backward = readBackward({ ...inputs, options }, this.#module);
    this.#expectInUse(); // reading the call ran code of the caller's
    this.#problem.describe(backward.call);
    this.#problem.expectValid(backward.call);
    return this.#run(signal, () => this.#backwardJobOf(backward, onProgress));
  }

  /** Throws before it makes the job if the signal has aborted. */
  #run<Result>(signal: AbortSignal | undefined, makeJob: () => Job<Result>): Promise<Result> {
    const errorOf = (signal: AbortSignal) => aborted(signal, 'the call to end');
    if (signal?.aborted) throw errorOf(signal);
    const job = makeJob();
    const abort = () => job.fail(errorOf(signal as AbortSignal));
    signal?.addEventListener('abort', abort);
    this.#team.add(job);
    return job.promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  #jobOf(
    call: Call,
    onProgress: PoolCallOptions['onProgress'],
  ): Job<AttentionResult<Float32Array>> {
    const shares = split(call, this.#module, this.workers, this.info.variant === 'relaxed');
    const parts = Math.max(...shares.map(({ part }) => part)) + 1;
    const capture: Captured[] = parts > 1 ? ['rowMax', 'rowSum'] : [...call.capture];
    const assembly = new Assembly(call, parts, capture);
    const deliver = deliverTo(call.out);
    const conclude = () =>
      deliver(parts > 1 ? this.#merge(call, assembly) : (assembly.results[0] as AttentionResult));
    return new Job({
      backlog: new Backlog({
        ...{ call, shares, capture },
        ...{ positions: this.#problem, spare: this.#team.spare },
      }),
      assembly,
      onProgress,
      conclude,
    });
  }

  #backwardJobOf(backward: Backward, onProgress: PoolCallOptions['onProgress']): Job<Gradients> {
    const shares = splitBackward(backward, this.workers);
    const assembly = new GradientAssembly(backward);
    return new Job({
      backlog: new Backlog({
        ...{ call: backward.call, backward, shares, capture: [] },
        ...{ positions: this.#problem, spare: this.#team.spare },
      }),
      assembly,
      onProgress,
      conclude: () => assembly.gradients,
    });
  }

  #merge(call: Call, assembly: Assembly): AttentionResult {
    const layout = call.query.geometry.headsFirst ? 'bhld' : 'blhd';
    const { output, ...sums } = this.#attention.merge(assembly.results, { layout });
    const captured = [...call.capture].map((name) => [name, sums[name as RowSums]]);
    return { output, ...Object.fromEntries(captured) };
  }

  dispose(...more: unknown[]): void {
    expectNoMore('dispose()', more);
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    forgotten.unregister(this);
    this.#team.end(disposed('was disposed of'));
    this.#attention.dispose();
  }

  [DISPOSE](): void {
    this.dispose();
  }

  #expectInUse(): void {
    if (this.#isDisposed) throw disposed('was disposed of');
  }
}

function disposed(how: string): QkvError {
  return new QkvError('ERR_DISPOSED', {
    argument: 'pool',
    expected: 'a pool in use',
    received: `one that ${how}`,
    fix: advice`Create another with createAttentionPool().`,
  });
}

/** The options of a call without those of the pool, which it reads. */
function readOptions(given: unknown, known: readonly string[]) {
  const raw = readOwn('options', given, [...known, 'signal', 'onProgress'], adviceForElsewhere);
  const { signal: givenSignal, onProgress, ...options } = raw;
  const signal = readSignal(givenSignal);
  expectFunction('onProgress', onProgress);
  return { signal, onProgress, options };
}

function expectFunction(
  argument: string,
  value: unknown,
): asserts value is PoolCallOptions['onProgress'] {
  if (value === undefined || typeof value === 'function') return;
  throw new QkvError('ERR_TYPE', {
    argument,
    expected: 'a function (done, total)',
    received: describe(value),
  });
}
