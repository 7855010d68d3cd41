import type { AttentionResult } from '../types.js';
import type { Assembly } from './assembly.js';
import type { Backlog, Task } from './backlog.js';
import type { Member } from './member.js';
import type { AttendedAnswer } from './messages.js';

export interface JobOptions {
  readonly backlog: Backlog;
  readonly assembly: Assembly;
  readonly onProgress: ((done: number, total: number) => void) | undefined;
  /** Makes the result, when all tasks have been written to `assembly`. */
  readonly conclude: () => AttentionResult;
}

/** A call that workers compute, from the first task to the last. */
export class Job {
  readonly promise: Promise<AttentionResult>;
  readonly #options: JobOptions;
  #resolve!: (result: AttentionResult) => void;
  #reject!: (error: unknown) => void;
  #blocks: number;
  #done = 0;
  #isSettled = false;
  /** Called when it is settled, either way. */
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

  /** A task was done. Runs code of the caller's: onProgress. */
  complete(task: Task, answer: AttendedAnswer): void {
    if (this.#isSettled) return;
    try {
      this.#options.assembly.write(task, answer);
      this.#done += task.blocks;
      this.#options.onProgress?.(this.#done, this.#blocks);
      // It may have been aborted by onProgress.
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

  /** Whether it cannot go on without a worker: the copies of keys that it has may be the only ones. */
  needs(member: Member): boolean {
    return this.backlog.isHeldBy(member);
  }
}
