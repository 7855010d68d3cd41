import type {
  Attention,
  AttentionOptions,
  AttentionResult,
  CreateOptions,
  TensorInput,
} from '../types.js';

export interface PoolOptions extends CreateOptions {
  /**
   * Workers, each a thread with an instance of its own; `maxMemory` bounds each of them. Default: as many
   * as the machine runs at a time, at most 8.
   */
  workers?: number;
  /**
   * Milliseconds without an answer after which a worker counts as dead. A call is computed in blocks of
   * some tens of milliseconds; one that cannot be made that small is given more time, in proportion.
   * Default 30000.
   */
  timeLimit?: number;
}

export interface PoolAttentionOptions extends AttentionOptions {
  /** Aborts between blocks, with ERR_ABORTED; `out` is then left as it was. */
  signal?: AbortSignal;
  /** Called when blocks are done: how many are, of how many. What it throws rejects the call. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Attention on several threads. Neither SharedArrayBuffer nor cross-origin isolation is needed: what a
 * worker computes is copied to it, O(L·D) beside O(L²·D) of work.
 *
 * A call is split by batch, by key/value heads and by queries. 'simd' and 'scalar' give the same bits
 * as one thread. Only 'relaxed', which does not promise that, also splits the keys of a call with few
 * queries and merges the parts: the same bits whenever it is repeated with as many workers.
 */
export interface AttentionPool extends Disposable {
  /**
   * As Attention.attend(), on the workers. Inputs are copied before it returns: they are never changed or
   * detached, and what is written to them later does not count. Calls made at the same time take turns.
   *
   * Rejects with the QkvError that Attention.attend() would throw, before anything is computed; with
   * ERR_ABORTED if `signal` says so or a worker that computed a part of it died (it is replaced, and
   * the call may be made again); with ERR_DISPOSED when the pool is disposed of.
   */
  attend(
    query: TensorInput,
    key: TensorInput,
    value: TensorInput,
    options?: PoolAttentionOptions,
  ): Promise<AttentionResult>;
  /** How many there are. */
  readonly workers: number;
  /** What was chosen and why the others were not. */
  readonly info: Attention['info'];
  /**
   * Ends the workers and rejects what they have not finished, with ERR_DISPOSED; twice is once. An idle
   * pool keeps no process of Node or Bun from ending; Deno waits for this.
   */
  dispose(): void;
}
