// Workers that cannot be started or die, and pools that were disposed of.

import threads from 'node:worker_threads';
import { createAttention } from 'qkv';
import { createAttention as createInline } from 'qkv/inline';
import { createAttentionPool } from 'qkv/pool';
import { firstProgress, longProblem } from '../pool-problem.mjs';
import { LostWorker, watchThreads } from '../pool-threads.mjs';
import { WORKED, WORKED_OUTPUT, work } from './setting.mjs';

/** Runs with a pool whose threads are made by `Worker`. */
async function withPool(Worker, run = ofPool) {
  const watched = watchThreads({ replaced: Worker });
  try {
    const pool = await createAttentionPool({ workers: 1 });
    try {
      return await run(pool, watched);
    } finally {
      pool.dispose();
    }
  } finally {
    watched.stop();
  }
}
const ofPool = async (pool) => (await pool.attend(...WORKED)).output.data;
const oneThread = async () => work(await createAttention());

/** As a policy that forbids workers. */
class ForbiddenWorker {
  constructor() {
    throw new Error('Refused to create a worker');
  }
}
/** A thread whose engine lacks a part of WebAssembly, so that no error of ours says what is wrong. */
class LackingWorker extends threads.Worker {
  constructor(script, options) {
    const lack = "WebAssembly.Module.customSections = () => { throw new Error('lacking'); };";
    super(script, { ...options, execArgv: ['--import', `data:text/javascript,${lack}`] });
  }
}

/** Runs in an engine without workers. */
async function withoutThreads(run) {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = (name) =>
    name === 'node:worker_threads' ? undefined : getBuiltinModule.call(process, name);
  try {
    return await run();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
}

/** The engine has no room for the results of a call while `run` runs. */
async function withoutRoom(run) {
  const Original = globalThis.Float32Array;
  globalThis.Float32Array = new Proxy(Original, {
    construct(target, given, newTarget) {
      if (given[0] > 1e6) throw new RangeError('Array buffer allocation failed');
      return Reflect.construct(target, given, newTarget);
    },
  });
  try {
    return await run();
  } finally {
    globalThis.Float32Array = Original;
  }
}
const ROWS = { data: new Float32Array(2000).fill(1), shape: [2000, 1] };
const few = ({ output }) => output.data.subarray(0, 8);

export const CASES = [
  {
    name: 'a pool that was disposed of',
    given: () =>
      withPool(threads.Worker, (pool) => {
        pool.dispose();
        return ofPool(pool);
      }),
    ways: { 'another one': () => withPool(threads.Worker) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a worker that dies',
    given: () => withPool(threads.Worker, (pool, { started }) => dying(pool, started)),
    ways: {
      again: () =>
        withPool(threads.Worker, async (pool, { started }) => {
          await dying(pool, started).catch(() => {});
          return ofPool(pool);
        }),
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a script that is not there',
    given: () => withPool(LostWorker),
    ways: { deployed: () => withPool(threads.Worker) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a policy that forbids workers',
    given: () => withPool(ForbiddenWorker),
    ways: { allowed: () => withPool(threads.Worker), 'createAttention()': oneThread },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'an engine without workers',
    given: () => withoutThreads(() => createAttentionPool()),
    ways: { 'qkv/inline': () => withoutThreads(async () => work(await createInline())) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'workers whose engine lacks something',
    given: () => withPool(LackingWorker),
    ways: { 'createAttention()': oneThread },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'no room for the results',
    given: () =>
      withPool(threads.Worker, (pool) =>
        withoutRoom(() => pool.attend(ROWS, ROWS, ROWS, { capture: ['weights'] })),
      ),
    ways: {
      'what is no longer needed was dropped': () =>
        withPool(threads.Worker, async (pool) =>
          few(await pool.attend(ROWS, ROWS, ROWS, { capture: ['weights'] })),
        ),
      'capture less': () =>
        withPool(threads.Worker, (pool) =>
          withoutRoom(async () => few(await pool.attend(ROWS, ROWS, ROWS))),
        ),
    },
    expected: new Array(8).fill(1),
  },
];

/** A call of which a worker is ended. */
async function dying(pool, started) {
  const { promise, onProgress } = firstProgress();
  const pending = pool.attend(...longProblem({ heads: 8 }), { onProgress });
  await promise;
  started[0].terminate();
  return pending;
}
