import { advice, QkvError } from '../errors.js';
import type { Task } from './backlog.js';
import type {
  Answer,
  AttendedAnswer,
  FailedAnswer,
  KeysAndValues,
  Order,
  StartOrder,
} from './messages.js';
import { SCRIPT, startThread, type Thread } from './thread.js';

/** Listens to a member. */
export interface Superior {
  /** It has started. */
  onStarted(member: Member): void;
  /** It has copied keys and values, and returned them. */
  onKept(share: number, keys: KeysAndValues): void;
  /** Its oldest task is done or has failed. */
  onAnswer(member: Member, task: Task, answer: AttendedAnswer | FailedAnswer): void;
  /** It has died; `error` says why. This is the last call. */
  onDeath(member: Member, error: QkvError): void;
}

/** One worker of a pool, from its start to its death. */
export class Member {
  readonly #superior: Superior;
  readonly #thread: Thread;
  readonly #tasks: Task[] = [];
  /** Shares to forget. They go with the next task, since a message costs as much as a task's. */
  #finished: number[] = [];
  readonly #allow: (task: Task | undefined) => number;
  #isStarted = false;
  #isDead = false;
  #patience: number;

  /** `allow` returns the milliseconds that a task may take, or the start (undefined). */
  constructor(order: StartOrder, superior: Superior, allow: (task: Task | undefined) => number) {
    this.#superior = superior;
    this.#allow = allow;
    this.#patience = allow(undefined);
    this.#thread = startThread({
      onMessage: (answer) => this.#hear(answer as Answer),
      onDeath: (reason) => this.#die(this.#errorOf(reason)),
    });
    this.#post(order, []);
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** The number of unanswered tasks. */
  get load(): number {
    return this.#tasks.length;
  }

  /** The unanswered tasks, the oldest first. */
  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  give(task: Task): void {
    this.#tasks.push(task);
    if (this.load === 1) this.#patience = this.#allow(task);
    this.#post({ ...task.order, forget: this.#finished }, task.transfer);
    this.#finished = [];
  }

  /** Lets the worker forget the keys and values of a share. */
  finish(share: number): void {
    this.#finished.push(share);
  }

  /**
   * Counts milliseconds in which it could have answered. A time limit is needed, because browsers do not
   * report a worker that hangs or was terminated from outside.
   */
  wait(milliseconds: number): void {
    if (this.#isStarted && this.load === 0) return;
    this.#patience -= milliseconds;
    if (this.#patience <= 0) {
      const limit = Math.round(this.#allow(this.#tasks[0]));
      this.#die(this.#errorOf(`no answer within ${limit} ms`));
    }
  }

  /** Ends it, without a call to the superior. */
  end(): void {
    this.#isDead = true;
    this.#thread.end();
  }

  #post(order: Order, transfer: ArrayBuffer[]): void {
    if (!this.#isDead) this.#thread.post(order, transfer);
  }

  #hear(answer: Answer): void {
    if (this.#isDead) return;
    if (!this.#isStarted) this.#hearOfStart(answer);
    else if (answer.kind === 'kept') this.#superior.onKept(answer.share, answer.keys);
    else this.#hearOfTask(answer as AttendedAnswer | FailedAnswer);
  }

  #hearOfStart(answer: Answer): void {
    if (answer.kind === 'failed') {
      this.#die(new QkvError(answer.code, answer.details));
    } else {
      this.#isStarted = true;
      this.#superior.onStarted(this);
    }
  }

  #hearOfTask(answer: AttendedAnswer | FailedAnswer): void {
    const task = this.#tasks.shift();
    if (task === undefined) return; // nothing of ours was asked
    this.#patience = this.#allow(this.#tasks[0]);
    this.#superior.onAnswer(this, task, answer);
  }

  #errorOf(reason: string): QkvError {
    if (this.#isStarted) {
      return new QkvError('ERR_ABORTED', {
        argument: 'workers',
        expected: 'each worker to do its part',
        received: `one that died: ${reason}`,
        fix: advice`It is replaced: the call may be made again.`,
      });
    }
    return new QkvError('ERR_WASM_NOT_FOUND', {
      argument: 'workers',
      expected: `the script ${SCRIPT} of the package, started as a module worker`,
      received: reason,
      fix: advice`Deploy all files of the package together, and let worker-src of a Content-Security-Policy allow them.`,
    });
  }

  #die(error: QkvError): void {
    if (this.#isDead) return;
    this.end();
    this.#superior.onDeath(this, error);
  }
}
