import { QkvError, reasonOf } from '../errors.js';

/** Ends loading early: the caller aborts, or the time is up. A host without AbortController or timers waits. */
export class Deadline {
  readonly #controller = globalThis.AbortController && new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #caller: AbortSignal | undefined;
  readonly #timeout: number;
  readonly #abort = () => this.#controller?.abort(this.#caller?.reason);

  /** `timeout` in milliseconds; Infinity is none. */
  constructor(caller: AbortSignal | undefined, timeout: number) {
    this.#caller = caller;
    this.#timeout = timeout;
    this.expectNotAborted();
    caller?.addEventListener('abort', this.#abort);
    if (timeout < Number.POSITIVE_INFINITY)
      this.#timer = globalThis.setTimeout?.(() => this.#controller?.abort(), timeout);
  }

  /** For work that can be cancelled. */
  get signal(): AbortSignal | undefined {
    return this.#controller?.signal;
  }

  /** For work that cannot be cancelled: settles as `work` does, or rejects when the time is up. */
  until<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    if (signal === undefined) return work;
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  /** Why a file did not arrive, if the time was up. */
  get overrun(): string | undefined {
    return this.signal?.aborted ? `nothing complete after ${this.#timeout / 1000} s` : undefined;
  }

  /** Throws if the caller aborted. */
  expectNotAborted(): void {
    if (this.#caller?.aborted) throw aborted(this.#caller, 'loading to end');
  }

  /** Call it when loading has ended. It removes the timer and the listener on the caller's signal. */
  end(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#abort);
  }
}

export function aborted(signal: AbortSignal, expected: string): QkvError {
  return new QkvError('ERR_ABORTED', {
    argument: 'signal',
    expected,
    received: `an abort: ${reasonOf(signal.reason)}`,
    cause: signal.reason,
  });
}
