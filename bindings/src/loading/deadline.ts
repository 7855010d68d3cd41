import { QkvError, reasonOf } from '../errors.js';

/** When loading ends before it is complete: the caller aborts, or the time is up. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #caller: AbortSignal | undefined;
  readonly #timeout: number;
  readonly #abort = () => this.#controller.abort(this.#caller?.reason);

  /** `timeout` in milliseconds; Infinity is none. */
  constructor(caller: AbortSignal | undefined, timeout: number) {
    this.#caller = caller;
    this.#timeout = timeout;
    this.expectNotAborted();
    caller?.addEventListener('abort', this.#abort);
    if (timeout < Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.#controller.abort(), timeout);
  }

  /** For what can be given up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Settles as `work` does, or rejects when the time is up: for what cannot be given up. */
  until<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }

  /** Why `file` did not come, if that is because the time was up. */
  get overrun(): string | undefined {
    return this.signal.aborted ? `nothing complete after ${this.#timeout / 1000} s` : undefined;
  }

  /** Throws if the caller aborted. */
  expectNotAborted(): void {
    if (this.#caller?.aborted) throw aborted(this.#caller, 'loading to end');
  }

  /** To be called when loading has ended: nothing keeps the process or the caller's signal busy. */
  end(): void {
    clearTimeout(this.#timer);
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
