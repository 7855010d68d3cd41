// The threads behind a pool, for tests that do to them what a pool does not expect.

import threads from 'node:worker_threads';

const { Worker } = threads;

/** The threads started since, while `replaced` is what the package gets as Worker. */
export function watchThreads({ replaced = Worker } = {}) {
  const started = [];
  threads.Worker = class extends replaced {
    constructor(...args) {
      super(...args);
      started.push(this);
    }
  };
  return {
    started,
    stop() {
      threads.Worker = Worker;
    },
  };
}

/** Its end is told to nobody, as in browsers. */
export class SilentWorker extends Worker {
  on(event, listener) {
    return event === 'exit' ? this : super.on(event, listener);
  }
}

/** Its script is not there. */
export class LostWorker extends Worker {
  constructor() {
    super(new URL('no-such-worker.js', import.meta.url));
  }
}

/** It starts, and then never hears what it is asked. */
export class DeafWorker extends Worker {
  postMessage(order, transfer) {
    if (order.kind === 'start') super.postMessage(order, transfer);
  }
}
