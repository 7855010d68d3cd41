import type {
  Attention,
  AttentionOptions,
  Captured,
  CreateOptions,
  Destination,
  Even,
  KVCache,
  ResidentTensor,
  ResultWith,
  TensorInput,
} from '../types.js';

export interface PoolOptions extends CreateOptions {
  /**
   * Number of workers. Each is a thread with an instance, and `maxMemory` limits each of them. Default:
   * the number of hardware threads, at most 8.
   */
  workers?: number | undefined;
  /**
   * A worker that gives no answer for this many milliseconds counts as dead. Blocks of a call take some
   * tens of milliseconds; a block that cannot be that small gets proportionally more time. Default 30000.
   */
  timeLimit?: number | undefined;
}

export interface PoolAttentionOptions<
  Names extends readonly Captured[] = readonly Captured[],
  Out extends Destination = Destination,
> extends AttentionOptions<Names, Out> {
  /** Aborts between blocks with ERR_ABORTED. `out` is then unchanged. */
  signal?: AbortSignal | undefined;
  /** Called with the numbers of finished blocks and of all blocks. If it throws, the call rejects. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Attention on several threads. It needs neither SharedArrayBuffer nor cross-origin isolation, because it
 * copies inputs to the workers: O(L·D) numbers for O(L²·D) work.
 *
 * It splits a call by batch, key/value heads and queries. 'simd' and 'scalar' give the same bits as one
 * thread. 'relaxed' does not promise that: if there are few queries it also splits the keys and merges
 * the parts. It gives the same bits again with the same number of workers.
 */
export interface AttentionPool extends Disposable {
  /** Attends a cache of any instance of this package. It copies all keys and values of the cache. */
  attend<
    const Query extends TensorInput,
    const Names extends readonly Captured[] = [],
    Out extends Destination = ResidentTensor,
  >(
    query: Query & Even<Query>,
    cache: KVCache,
    options?: PoolAttentionOptions<Names, Out>,
  ): Promise<ResultWith<Names, Out>>;
  /**
   * As Attention.attend(), on the workers. It copies the inputs before it returns, and never changes or
   * detaches them; later changes to them have no effect. Concurrent calls take turns.
   *
   * Rejects with the QkvError that Attention.attend() would throw, before it computes anything. Rejects
   * with ERR_ABORTED if `signal` aborts, or if a worker of this call dies: the worker is replaced, and the
   * call may be repeated. Rejects with ERR_DISPOSED if the pool is disposed of.
   */
  attend<
    const Query extends TensorInput,
    const Key extends TensorInput,
    const Value extends TensorInput,
    const Names extends readonly Captured[] = [],
    Out extends Destination = ResidentTensor,
  >(
    query: Query & Even<Query>,
    key: Key & Even<Key>,
    value: Value & Even<Value>,
    options?: PoolAttentionOptions<Names, Out>,
  ): Promise<ResultWith<Names, Out>>;
  /** Number of workers. */
  readonly workers: number;
  /** The chosen variant, and why the others were not chosen. */
  readonly info: Attention['info'];
  /**
   * Ends the workers; unfinished calls reject with ERR_DISPOSED. A second call does nothing. An idle pool
   * does not keep Node or Bun alive; Deno waits until it is disposed of.
   */
  dispose(): void;
}
