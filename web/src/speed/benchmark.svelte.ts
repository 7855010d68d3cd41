import { startWorker } from '../workers/startWorker.ts';
import workerUrl from './benchmarkWorker.ts?worker&url';
import type { Contender, Measured, Missing, Report } from './measurement.ts';

export type Status = 'idle' | 'running' | 'finished' | 'cancelled' | 'failed';

/** The reader's own benchmark: run in a worker, so that the page stays usable and it can be ended. */
export class Benchmark {
  status: Status = $state('idle');
  done = $state(0);
  doing: Contender | 'reference' = $state('reference');
  measured: readonly Measured[] = $state.raw([]);
  missing: readonly Missing[] = $state.raw([]);
  failure: string | null = $state(null);
  /** Of what is measured, or was. */
  length = $state(0);

  #worker: Worker | null = null;

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
      case 'finished':
        this.done = 1;
        this.#end('finished');
        break;
      case 'failed':
        this.#fail(report.reason);
    }
  }

  #fail(reason: string): void {
    this.failure = reason;
    this.#end('failed');
  }

  /** With it end the workers that it started: the pool's. */
  #end(status: Status): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.status = status;
  }
}
