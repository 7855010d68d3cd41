import { readArguments } from '../calls/arguments.js';
import type { EngineAttention } from '../calls/attention.js';
import { type Call, readCall } from '../calls/call.js';
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
import type { Attention, AttentionResult, Captured, KVCache, TensorInput } from '../types.js';
import { Assembly } from './assembly.js';
import { Backlog } from './backlog.js';
import { deliverTo } from './delivery.js';
import { Job } from './job.js';
import { split } from './split.js';
import type { Team } from './team.js';
import type { AttentionPool, PoolAttentionOptions } from './types.js';

const OPTIONS = [...ATTENTION_OPTIONS, 'signal', 'onProgress'] as const;

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
    const raw = readOwn('options', all, OPTIONS, adviceForElsewhere);
    const { signal: givenSignal, onProgress, ...options } = raw;
    const signal = readSignal(givenSignal);
    expectFunction('onProgress', onProgress);
    const call = readCall({ ...inputs, options }, this.#module);
    this.#expectInUse(); // reading the call ran code of the caller's
    const { batch, heads, queries, valueDepth } = this.#problem.describe(call);
    expectOut(call, elementsOf([batch, heads, queries, valueDepth]));
    this.#problem.expectValid(call);

    const errorOf = (signal: AbortSignal) => aborted(signal, 'the call to end');
    if (signal?.aborted) throw errorOf(signal);
    const job = this.#jobOf(call, onProgress);
    const abort = () => job.fail(errorOf(signal as AbortSignal));
    signal?.addEventListener('abort', abort);
    this.#team.add(job);
    return job.promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  #jobOf(call: Call, onProgress: PoolAttentionOptions['onProgress']): Job {
    const shares = split(call, this.#module, this.workers, this.info.variant === 'relaxed');
    const parts = Math.max(...shares.map(({ part }) => part)) + 1;
    const capture: Captured[] = [...call.capture];
    if (parts > 1 && !call.capture.has('logSumExp')) capture.push('logSumExp');
    const assembly = new Assembly(call, parts, capture);
    const deliver = deliverTo(call.out);
    const conclude = () =>
      deliver(parts > 1 ? this.#merge(call, assembly) : (assembly.results[0] as AttentionResult));
    return new Job({
      backlog: new Backlog(call, shares, capture, this.#problem, this.#team.spare),
      assembly,
      onProgress,
      conclude,
    });
  }

  #merge(call: Call, assembly: Assembly): AttentionResult {
    const layout = call.query.geometry.headsFirst ? 'bhld' : 'blhd';
    const merged = this.#attention.merge(assembly.results, { layout });
    return call.capture.has('logSumExp') ? merged : { output: merged.output };
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

function expectFunction(
  argument: string,
  value: unknown,
): asserts value is PoolAttentionOptions['onProgress'] {
  if (value === undefined || typeof value === 'function') return;
  throw new QkvError('ERR_TYPE', {
    argument,
    expected: 'a function (done, total)',
    received: describe(value),
  });
}
