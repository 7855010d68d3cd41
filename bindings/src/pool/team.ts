import { QkvError } from '../errors.js';
import { aborted } from '../loading/deadline.js';
import type { Task } from './backlog.js';
import type { Job } from './job.js';
import { Member, type Superior } from './member.js';
import type { AttendedAnswer, FailedAnswer, KeysAndValues, StartOrder } from './messages.js';
import { SpareArrays } from './spare.js';
import { MOST_WORK } from './split.js';

/** One task is computed and one waits, so that a worker is never idle between messages. */
const MOST_TASKS = 2;
const CHECKS_PER_LIMIT = 8;
const MOST_BETWEEN_CHECKS = 1000;

/** The workers of a pool, and the calls that they compute. */
export class Team implements Superior {
  readonly size: number;
  readonly spare = new SpareArrays();
  readonly #order: StartOrder;
  readonly #timeLimit: number;
  readonly #members = new Set<Member>();
  readonly #owners = new Map<Task, Job>();
  /** Calls, in the order in which they get a task next. */
  #jobs: Job[] = [];
  #clock: ReturnType<typeof setInterval> | undefined;
  #isEnded = false;
  #founding: { resolve(team: Team): void; reject(error: unknown): void } | undefined;

  private constructor(order: StartOrder, size: number, timeLimit: number) {
    this.#order = order;
    this.size = size;
    this.#timeLimit = timeLimit;
  }

  /** Resolves when all workers have started; if one does not, all are ended. */
  static start(
    order: StartOrder,
    size: number,
    timeLimit: number,
    signal: AbortSignal | undefined,
  ): Promise<Team> {
    const team = new Team(order, size, timeLimit);
    const abort = () => team.end(aborted(signal as AbortSignal, 'loading to end'));
    const started = new Promise<Team>((resolve, reject) => {
      team.#founding = { resolve, reject };
      signal?.addEventListener('abort', abort);
      team.#recruit();
      team.#watch();
    });
    return started.finally(() => {
      signal?.removeEventListener('abort', abort);
      team.#watch();
    });
  }

  /** Starts to compute a call, and copies what is left of the caller's data. */
  add(job: Job): void {
    job.onSettled = () => this.#watch();
    this.#jobs.push(job);
    this.#recruit();
    this.#dispatch();
    if (!job.isSettled) {
      try {
        job.backlog.snapshot();
      } catch (error) {
        job.fail(error);
      }
    }
    this.#watch();
  }

  /** Ends all workers; unfinished calls reject with `error`. */
  end(error: QkvError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const member of this.#members) member.end();
    this.#members.clear();
    this.#fail(error);
  }

  onStarted(): void {
    if (this.#founding && [...this.#members].every((member) => member.isStarted)) {
      this.#founding.resolve(this);
      this.#founding = undefined;
    }
    this.#dispatch();
  }

  onKept(share: number, keys: KeysAndValues): void {
    const isTaken = this.#jobs.some(({ backlog }) => backlog.giveBack(share, keys));
    if (!isTaken) this.spare.giveBoth(keys);
    this.#dispatch();
  }

  onAnswer(_member: Member, task: Task, answer: AttendedAnswer | FailedAnswer): void {
    const job = this.#owners.get(task) as Job;
    this.#owners.delete(task);
    if (answer.kind === 'attended') {
      job.complete(task, answer);
      for (const result of Object.values(answer.results)) this.spare.give(result);
    } else job.fail(new QkvError(answer.code, answer.details));
    this.#dispatch();
  }

  onDeath(member: Member, error: QkvError): void {
    this.#members.delete(member);
    for (const task of member.tasks) {
      this.#owners.get(task)?.fail(error);
      this.#owners.delete(task);
    }
    for (const job of [...this.#jobs]) if (job.needs(member)) job.fail(error);
    if (this.#founding) {
      this.end(error);
      return;
    }
    // A worker that could not start is replaced with the next call; replacing it now might never end.
    if (member.isStarted) this.#recruit();
    if (this.#members.size === 0) this.#fail(error);
    this.#dispatch();
  }

  /** Replaces workers that died. */
  #recruit(): void {
    try {
      while (this.#members.size < this.size && !this.#isEnded) {
        this.#members.add(new Member(this.#order, this, (task) => this.#allowance(task)));
      }
    } catch (error) {
      if (this.#founding) this.end(error as QkvError);
      else if (this.#members.size === 0) this.#fail(error);
    }
  }

  /** Gives tasks to all workers that have room; the calls take turns. */
  #dispatch(): void {
    while (this.#dispatchOne()) {}
  }

  #dispatchOne(): boolean {
    for (let load = 0; load < MOST_TASKS; ++load)
      for (const member of this.#members) {
        if (!member.isStarted || member.load !== load) continue;
        for (const job of this.#jobs) if (this.#give(job, member)) return true;
      }
    return false;
  }

  /** Gives a worker a task of a call. Returns false if there is none for it. */
  #give(job: Job, member: Member): boolean {
    try {
      const task = job.backlog.next(member, this.size);
      if (task === undefined) return false;
      this.#owners.set(task, job);
      member.give(task);
      job.backlog.forgetFinished();
      this.#jobs = [...this.#jobs.filter((other) => other !== job), job]; // its turn is over
    } catch (error) {
      job.fail(error);
    }
    return true;
  }

  #fail(error: unknown): void {
    this.#founding?.reject(error);
    this.#founding = undefined;
    for (const job of [...this.#jobs]) job.fail(error);
  }

  /** Runs the clock of the time limits while a call is unfinished; this also keeps the process alive. */
  #watch(): void {
    this.#jobs = this.#jobs.filter((job) => !job.isSettled);
    const isAwaited = !this.#isEnded && (this.#jobs.length > 0 || this.#founding !== undefined);
    if (isAwaited && this.#clock === undefined) {
      // If this thread was busy or suspended, that time counts as one interval.
      const between = Math.min(this.#timeLimit / CHECKS_PER_LIMIT, MOST_BETWEEN_CHECKS);
      this.#clock = setInterval(() => {
        for (const member of [...this.#members]) member.wait(between);
      }, between);
    } else if (!isAwaited) {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
  }

  #allowance(task: Task | undefined): number {
    return this.#timeLimit * Math.max(1, (task?.work ?? 0) / MOST_WORK);
  }
}
