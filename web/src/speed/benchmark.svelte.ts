import { startWorker } from '../workers/startWorker.ts';
import workerUrl from './benchmarkWorker.ts?worker&url';
import type { Contender, Measured, Missing, Problem, Report } from './measurement.ts';
import { preparePool } from './poolContender.ts';
import { measure } from './timing.ts';

export type Status = 'idle' | 'running' | 'finished' | 'cancelled' | 'failed';

/**
 * The benchmark on the reader's device. Contenders on one thread run in a worker, so that the page stays
 * usable and they can be stopped. The pool starts workers itself and is called from here: Firefox with a
 * debugger attached sometimes hangs when a worker starts a worker.
 */
export class Benchmark {
  status: Status = $state('idle');
  done = $state(0);
  doing: Contender | 'reference' = $state('reference');
  measured: readonly Measured[] = $state.raw([]);
  missing: readonly Missing[] = $state.raw([]);
  failure: string | null = $state(null);
  /** The number of tokens of the last measurement. */
  length = $state(0);

  #worker: Worker | null = null;
  #pool = new AbortController();

  start(length: number): void {
    this.#end('running');
    this.length = length;
    this.done = 0;
    this.doing = 'reference';
    this.measured = [];
    this.missing = [];
    this.failure = null;
    this.#worker = startWorker<Report>(workerUrl, {
      receive: (report) => this.#receive(report),
      fail: (reason) => this.#fail(reason),
    });
    this.#worker.postMessage(length);
  }

  cancel(): void {
    if (this.status === 'running') this.#end('cancelled');
  }

  #receive(report: Report): void {
    switch (report.kind) {
      case 'progress':
        this.done = report.done;
        this.doing = report.doing;
        break;
      case 'measured':
        this.measured = [...this.measured, report.measured];
        break;
      case 'missing':
        this.missing = [...this.missing, report.missing];
        break;
      case 'left':
        this.#worker?.terminate();
        void this.#measurePool(report.problem);
        break;
      case 'failed':
        this.#fail(report.reason);
    }
  }

  async #measurePool(problem: Problem): Promise<void> {
    const { signal } = this.#pool;
    await measure(
      'pool',
      () => preparePool(problem, signal),
      problem,
      (report) => {
        if (!signal.aborted) this.#receive(report);
      },
    );
    if (signal.aborted) return;
    this.done = 1;
    this.#end('finished');
  }

  #fail(reason: string): void {
    this.failure = reason;
    this.#end('failed');
  }

  #end(status: Status): void {
    this.#pool.abort();
    this.#pool = new AbortController();
    this.#worker?.terminate();
    this.#worker = null;
    this.status = status;
  }
}
