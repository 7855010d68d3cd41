import type { AttentionResult } from '../types.js';
import type { Assembly } from './assembly.js';
import type { Backlog, Task } from './backlog.js';
import type { Member } from './member.js';
import type { AttendedAnswer } from './messages.js';

export interface JobOptions {
  readonly backlog: Backlog;
  readonly assembly: Assembly;
  readonly onProgress: ((done: number, total: number) => void) | undefined;
  /** Makes the result when `assembly` is complete. */
  readonly conclude: () => AttentionResult<Float32Array>;
}

/** A call that workers compute. */
export class Job {
  readonly promise: Promise<AttentionResult<Float32Array>>;
  readonly #options: JobOptions;
  #resolve!: (result: AttentionResult<Float32Array>) => void;
  #reject!: (error: unknown) => void;
  #blocks: number;
  #done = 0;
  #isSettled = false;
  /** Called when the promise is resolved or rejected. */
  onSettled: () => void = () => {};

  constructor(options: JobOptions) {
    this.#options = options;
    this.#blocks = options.backlog.blocks;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get backlog(): Backlog {
    return this.#options.backlog;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Takes the results of a task. Runs code of the caller: onProgress. */
  complete(task: Task, answer: AttendedAnswer): void {
    if (this.#isSettled) return;
    try {
      this.#options.assembly.write(task, answer);
      this.#done += task.blocks;
      this.#options.onProgress?.(this.#done, this.#blocks);
      // onProgress may have aborted the call.
      if (this.#done < this.#blocks || this.#isSettled) return;
      this.#resolve(this.#options.conclude());
      this.#settle();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    if (this.#isSettled) return;
    this.#reject(error);
    this.#settle();
  }

  #settle(): void {
    this.#isSettled = true;
    this.backlog.abandon();
    this.onSettled();
  }

  /** Whether the call fails without this worker, which may have the only copy of some keys. */
  needs(member: Member): boolean {
    return this.backlog.isHeldBy(member);
  }
}
