// Workers that die, hang, or never start: the call rejects, no call hangs, and the pool still works.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { on } from 'node:events';
import { afterEach, describe, test } from 'node:test';
import threads from 'node:worker_threads';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { assertSameBits } from './closeness.mjs';
import { firstProgress, longProblem } from './pool-problem.mjs';
import { DeafWorker, LostWorker, SilentWorker, watchThreads } from './pool-threads.mjs';
import { assertExplained } from './refusal.mjs';
import { wasmBytes } from './wasm-file.mjs';

let watched;
afterEach(() => watched?.stop());

async function poolOf(workers, options, replaced) {
  watched = watchThreads({ replaced });
  return createAttentionPool({ variant: 'simd', workers, ...options });
}

/** On all workers, the bits that one thread computes. */
async function assertWorksOn(pool) {
  const attention = await createAttention({ variant: 'simd' });
  const inputs = longProblem({ heads: 2, length: 500 });
  const { output } = await pool.attend(...inputs);
  assertSameBits(output.data, attention.attend(...inputs).output.data);
  attention.dispose();
}

const DIED = { code: 'ERR_ABORTED', argument: 'workers' };

describe('a worker', () => {
  for (const [how, harm, says] of [
    ['that is terminated', (thread) => thread.terminate(), /terminated.*made again/],
    [
      'that throws',
      (thread) => thread.postMessage({ kind: 'attend', forget: [], keys: {} }),
      /undefined.*made again/,
    ],
  ])
    test(`${how} during a call: the call rejects, and the worker is replaced`, async () => {
      const pool = await poolOf(2);
      const { promise, onProgress } = firstProgress();
      const pending = pool.attend(...longProblem({ heads: 8 }), { onProgress });
      await promise;
      harm(watched.started[0]);
      await assert.rejects(pending, (error) => assertExplained(error, { ...DIED, says }));
      await assertWorksOn(pool);
      assert.equal(watched.started.length, 3);
      pool.dispose();
    });

  test('terminated between calls is replaced, and no call fails', async () => {
    const pool = await poolOf(1);
    await watched.started[0].terminate();
    await assertWorksOn(pool);
    pool.dispose();
  });

  test('that dies silently is replaced after the time limit', async () => {
    const pool = await poolOf(2, { timeLimit: 1500 }, SilentWorker);
    const { promise, onProgress } = firstProgress();
    const pending = pool.attend(...longProblem({ heads: 8 }), { onProgress });
    await promise;
    watched.started[0].terminate();
    await assert.rejects(pending, (error) =>
      assertExplained(error, { ...DIED, says: /no answer within 1500 ms/ }),
    );
    await assertWorksOn(pool);
    pool.dispose();
  });

  test('that is busy is not replaced: the time limit counts from each block', async () => {
    const pool = await poolOf(1, { timeLimit: 1000 });
    const attend = () => pool.attend(...longProblem());
    const began = performance.now();
    let pending = attend();
    do {
      const next = attend();
      await pending;
      pending = next;
    } while (performance.now() - began < 1500);
    await pending;
    assert.equal(watched.started.length, 1);
    pool.dispose();
  });

  test('that dies leaves the blocks it has not begun to its replacement', async () => {
    const pool = await poolOf(1, {}, DeafWorker);
    watched.stop(); // the one in its place hears
    // Each call is one block. The worker gets two at a time, and the third waits.
    const problem = longProblem({ heads: 1, length: 95 });
    const calls = [1, 2, 3].map(() => pool.attend(...problem));
    watched.started[0].terminate();
    const ends = await Promise.allSettled(calls);
    assert.deepEqual(
      ends.map(({ reason, value }) => reason?.code ?? value.output.shape),
      ['ERR_ABORTED', 'ERR_ABORTED', [1, 95, 64]],
    );
    pool.dispose();
  });

  test('without a part in a call may die', async () => {
    const pool = await poolOf(2);
    // One block: one worker.
    const pending = pool.attend(...longProblem({ heads: 1, length: 95 }));
    await Promise.all([pending, watched.started[1].terminate()]);
    await assertWorksOn(pool);
    pool.dispose();
  });
});

describe('workers that cannot be started', () => {
  const LOST = {
    code: 'ERR_WASM_NOT_FOUND',
    argument: 'workers',
    says: /pool\/worker\.js.*Deploy/,
  };

  test('createAttentionPool() says why, and may be called again', async () => {
    await assert.rejects(poolOf(2, {}, LostWorker), (error) => assertExplained(error, LOST));
    watched.stop();
    const pool = await poolOf(2);
    await assertWorksOn(pool);
    pool.dispose();
  });

  test('to replace dead ones: calls reject until new workers start', async () => {
    const pool = await poolOf(2);
    const { promise, onProgress } = firstProgress();
    const pending = pool.attend(...longProblem({ heads: 8 }), { onProgress });
    await promise;
    const first = watched;
    watched = watchThreads({ replaced: LostWorker });
    for (const thread of first.started) thread.terminate();
    await assert.rejects(pending, DIED);
    await assert.rejects(pool.attend([[1]], [[1]], [[1]]), (error) => assertExplained(error, LOST));
    watched.stop();
    await assertWorksOn(pool);
    pool.dispose();
  });

  test('aborted while they start', async () => {
    const controller = new AbortController();
    const created = poolOf(2, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    const [{ value, reason }] = await Promise.allSettled([created]);
    if (value) value.dispose();
    else assert.equal(reason.code, 'ERR_ABORTED');
  });
});

describe('dispose()', () => {
  test('rejects pending calls, ends the threads, and refuses later calls', async () => {
    const pool = await poolOf(2);
    const { promise, onProgress } = firstProgress();
    const calls = [1, 2].map(() => pool.attend(...longProblem({ heads: 8 }), { onProgress }));
    await promise;
    const ended = watched.started.map(
      (thread) => new Promise((resolve) => thread.on('exit', resolve)),
    );
    pool.dispose();
    pool.dispose();
    const disposed = { code: 'ERR_DISPOSED', argument: 'pool', says: /createAttentionPool/ };
    for (const call of [...calls, pool.attend([[1]], [[1]], [[1]])])
      await assert.rejects(call, (error) => assertExplained(error, disposed));
    await Promise.all(ended);
    assert.equal(watched.started.length, 2, 'none is replaced');
  });

  test('in onProgress, and in a getter of an option', async () => {
    for (const dispose of [
      (pool) => ({ onProgress: () => pool.dispose() }),
      (pool) => ({
        get scale() {
          pool.dispose();
          return 1;
        },
      }),
    ]) {
      const pool = await poolOf(2);
      await assert.rejects(pool.attend(...longProblem(), dispose(pool)), { code: 'ERR_DISPOSED' });
    }
  });

  test('by Symbol.dispose, as `using` calls it', async () => {
    const pool = await poolOf(1);
    pool[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
    await assert.rejects(pool.attend([[1]], [[1]], [[1]]), { code: 'ERR_DISPOSED' });
  });
});

test('memory: a part that does not fit is refused with its bytes, and the pool still works', async () => {
  const pool = await poolOf(2, { maxMemory: 2 ** 22 });
  const inputs = longProblem({ heads: 2, length: 8192 });
  await assert.rejects(pool.attend(...inputs), (error) =>
    assertExplained(error, { code: 'ERR_SIZE', argument: 'memory', says: /4194304 bytes/ }),
  );
  await assertWorksOn(pool);
  assert.equal(watched.started.length, 2, 'no worker died of it');
  pool.dispose();
});

test('memory: a worker needs room for keys, values and either queries or outputs', async () => {
  const heads = 8;
  const queries = 4000;
  const tensor = (rows) => ({
    data: new Float32Array(heads * rows * 64),
    shape: [1, heads, rows, 64],
  });
  const pool = await poolOf(1, { maxMemory: 2 ** 21 }); // 1.02 MB are the queries of a task
  const { output } = await pool.attend(tensor(queries), tensor(77), tensor(77));
  assert.equal(output.data.length, heads * queries * 64);
  pool.dispose();
});

test('a worker sends the output in the array of the queries', async (t) => {
  const worker = new threads.Worker(new URL('worker.js', import.meta.resolve('qkv/pool')));
  t.after(() => worker.terminate());
  const ask = async (order, kind) => {
    worker.postMessage(order, order.query ? [order.query.data.buffer] : []);
    for await (const [answer] of on(worker, 'message')) if (answer.kind === kind) return answer;
  };
  const wasm = await WebAssembly.compile(wasmBytes('simd'));
  await ask({ kind: 'start', wasm, variant: 'simd', maxMemory: 2 ** 20 }, 'started');
  const tensor = (...rows) => ({ data: Float32Array.from(rows.flat()), shape: [1, 1, 2, 2] });
  const keys = { key: tensor([1, 2], [2, 3]), value: tensor([7, 8], [9, 10]) };
  const data = new Float32Array(new ArrayBuffer(100), 16, 2); // an array like no other
  data.set([3, 4]);
  const query = { data, shape: [1, 1, 1, 2] };
  const order = { kind: 'attend', forget: [], share: 1, keys, query, options: {} };
  const { output } = (await ask(order, 'attended')).results;
  assert.equal(output.buffer.byteLength, 100);
  const attention = await createAttention({ variant: 'simd' });
  assertSameBits(
    output,
    attention.attend(
      [[3, 4]],
      [
        [1, 2],
        [2, 3],
      ],
      [
        [7, 8],
        [9, 10],
      ],
    ).output.data,
  );
  attention.dispose();
});

test('memory: workers free the memory of a call, finished or aborted', async () => {
  // Room for the keys and values of two calls, not of three.
  const pool = await poolOf(2, { maxMemory: 2 ** 22 });
  const inputs = longProblem({ heads: 1, length: 2600 });
  for (let i = 0; i < 6; i++) {
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort() };
    if (i % 2 === 0) await pool.attend(...inputs);
    else await assert.rejects(pool.attend(...inputs, options), { code: 'ERR_ABORTED' });
  }
  await assertWorksOn(pool);
  pool.dispose();
});

describe('a process', () => {
  const CREATE = `
    import { createAttentionPool } from 'qkv/pool';
    const pool = await createAttentionPool({ workers: 2 });
    const call = () => pool.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]);
  `;
  const FORGET = `
    import threads from 'node:worker_threads';
    import { setTimeout } from 'node:timers/promises';
    const { Worker } = threads;
    let ended = 0;
    threads.Worker = class extends Worker {
      constructor(...args) {
        super(...args);
        this.on('exit', () => { ended += 1; });
      }
    };
    const { createAttentionPool } = await import('qkv/pool');
    await (async () => {
      const pool = await createAttentionPool({ workers: 2 });
      await pool.attend([[1]], [[1]], [[1]]);
    })();
    for (let i = 0; i < 100 && ended < 2; i++) {
      gc();
      await setTimeout(20);
    }
    console.log(ended);
  `;
  test('ends the workers of a pool without references', () => {
    const { stdout } = spawnSync(
      process.execPath,
      ['--expose-gc', '--input-type=module', '--eval', FORGET],
      { cwd: import.meta.dirname ?? process.cwd(), encoding: 'utf8', timeout: 20_000 },
    );
    assert.equal(stdout, '2\n');
  });

  for (const [how, script, printed] of [
    ['ends though a pool is not disposed of', 'await call(); console.log("done");', 'done\n'],
    ['waits for a call', 'call().then(({ output }) => console.log(output.shape));', '[ 1, 2 ]\n'],
    ['ends though a call was aborted', 'call().catch(() => {}); pool.dispose();', ''],
  ])
    test(how, () => {
      const { stdout, stderr, status, signal } = spawnSync(
        process.execPath,
        ['--input-type=module', '--eval', CREATE + script],
        { cwd: import.meta.dirname ?? process.cwd(), encoding: 'utf8', timeout: 20_000 },
      );
      assert.deepEqual(
        { stdout, stderr, status, signal },
        { stdout: printed, stderr: '', status: 0, signal: null },
      );
    });
});
