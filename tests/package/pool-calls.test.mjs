// Arguments, refusals, out, progress and abort of a pool's calls. pool-bits.test.mjs tests the numbers.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAttention, QkvError } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { normals, random } from '../random/numbers.mjs';
import { assertSameBits } from './closeness.mjs';
import { firstProgress, longProblem } from './pool-problem.mjs';
import { assertExplained } from './refusal.mjs';

let attention;
let pool;
before(async () => {
  attention = await createAttention({ variant: 'simd' });
  pool = await createAttentionPool({ variant: 'simd', workers: 2 });
});
after(() => {
  attention.dispose();
  pool.dispose();
});

const Q = [[3, 4]];
const K = [
  [1, 2],
  [2, 3],
];
const V = [
  [7, 8],
  [9, 10],
];

async function assertPoolWorks() {
  const [a, b] = (await pool.attend(Q, K, V)).output.data;
  assert.ok(Math.abs(a - 8.985929298) < 2e-6 && Math.abs(b - 9.985929298) < 2e-6, `${a}, ${b}`);
}

test('the pool has the workers and the variant of its options', async () => {
  assert.equal(pool.workers, 2);
  assert.deepEqual(pool.info, attention.info);
  await assertPoolWorks();
});

describe('refuses what Attention.attend() refuses, in the same words', () => {
  const detached = { data: new Float32Array(2), shape: [1, 2] };
  structuredClone(detached.data.buffer, { transfer: [detached.data.buffer] });
  const shared = new Float32Array(8);
  const tensor = (...shape) => ({ data: new Float32Array(shape.reduce((a, b) => a * b)), shape });
  const CASES = {
    'no arguments': [],
    'no key': [Q],
    'depths that differ': [Q, [[1, 2, 3]], V],
    'rows that differ': [Q, K, [[7, 8]]],
    'ranks that differ': [Q, [K], [V]],
    'ragged rows': [[[3, 4], [5]], K, V],
    'no depth': [tensor(1, 0), tensor(2, 0), V],
    'data that is too short': [{ data: new Float32Array(1), shape: [1, 2] }, K, V],
    'data of another type': [{ data: new Int32Array(2), shape: [1, 2] }, K, V],
    'a detached buffer': [detached, K, V],
    'heads that do not divide': [tensor(3, 1, 2), tensor(2, 2, 2), tensor(2, 2, 2)],
    'batches that differ': [tensor(3, 1, 1, 2), tensor(2, 1, 2, 2), tensor(2, 1, 2, 2)],
    'a size beyond 2³¹': [{ data: new Float32Array(1), shape: [2 ** 16, 2 ** 16] }, K, V],
    'options that are none': [Q, K, V, 5],
    'a scale that is none': [Q, K, V, { scale: Number.NaN }],
    'isCausal of another type': [Q, K, V, { isCausal: 1 }],
    'an offset that is no integer': [Q, K, V, { queryOffset: 0.5 }],
    'too many offsets': [Q, K, V, { queryOffset: [1, 2] }],
    'a window that is negative': [Q, K, V, { window: { left: -1 } }],
    'an unknown bound of a window': [Q, K, V, { window: { lef: 1 } }],
    'a mask that does not broadcast': [Q, K, V, { mask: [true, true, true] }],
    'a mask of other numbers': [Q, K, V, { mask: [1, 2] }],
    'a bias that is NaN': [Q, K, V, { bias: [0, Number.NaN] }],
    'a bias of +Infinity': [Q, K, V, { bias: [0, Infinity] }],
    'a negative softcap': [Q, K, V, { softcap: -1 }],
    'too many slopes': [Q, K, V, { alibiSlopes: [1, 2] }],
    'a sink that is infinite': [Q, K, V, { sinks: [Infinity] }],
    'a key length beyond the keys': [Q, K, V, { keyLengths: [3] }],
    'a layout that is none': [Q, K, V, { layout: 'bshd' }],
    'a capture that is none': [Q, K, V, { capture: ['weight'] }],
    'out of another length': [Q, K, V, { out: new Float32Array(3) }],
    'out of another type': [Q, K, V, { out: [0, 0] }],
    'out that overlaps the query': [
      { data: shared.subarray(0, 2), shape: [1, 2] },
      K,
      V,
      { out: shared.subarray(1, 3) },
    ],
  };
  for (const [name, args] of Object.entries(CASES))
    test(name, async () => {
      let expected;
      assert.throws(
        () => attention.attend(...args),
        (error) => {
          expected = error;
          return error instanceof QkvError;
        },
      );
      await assert.rejects(pool.attend(...args), (error) => {
        for (const property of ['name', 'code', 'argument', 'expected', 'received', 'message'])
          assert.equal(error[property], expected[property], property);
        return error instanceof QkvError;
      });
      await assertPoolWorks();
    });

  test('a tensor that was disposed of', async () => {
    const query = attention.tensor([1, 2], [3, 4]);
    query.dispose();
    const error = { code: 'ERR_DISPOSED', argument: 'query' };
    assert.throws(() => attention.attend(query, K, V), error);
    await assert.rejects(pool.attend(query, K, V), error);
  });
});

test('refuses unknown options, and suggests its own options too', async () => {
  for (const [options, code, argument, says] of [
    [{ signal: {} }, 'ERR_TYPE', 'signal', /AbortSignal/],
    [{ onProgress: 1 }, 'ERR_TYPE', 'onProgress', /function/],
    [{ onprogress() {} }, 'ERR_OPTION', 'options.onprogress', /'onProgress'/],
    [{ isCasual: true }, 'ERR_OPTION', 'options.isCasual', /'isCausal'/],
  ])
    await assert.rejects(pool.attend(Q, K, V, options), (error) =>
      assertExplained(error, { code, argument, says }),
    );
  for (const [options, code, argument, says] of [
    [null, 'ERR_TYPE', 'options', /null/],
    [{ workers: 0 }, 'ERR_VALUE', 'workers', /1 to 256.*0/],
    [{ workers: 1.5 }, 'ERR_VALUE', 'workers', /1\.5/],
    [{ workers: '2' }, 'ERR_TYPE', 'workers', /"2"/],
    [{ worker: 2 }, 'ERR_OPTION', 'options.worker', /'workers'/],
    [{ timeLimit: 0 }, 'ERR_VALUE', 'timeLimit', /0/],
    [{ timeLimit: Infinity }, 'ERR_VALUE', 'timeLimit', /Infinity/],
    [{ variant: 'avx2' }, 'ERR_OPTION', 'variant', /'simd'/],
    [{ signal: AbortSignal.abort() }, 'ERR_ABORTED', 'signal', /abort/],
  ])
    await assert.rejects(createAttentionPool(options), (error) =>
      assertExplained(error, { code, argument, says }),
    );
});

describe('writing to inputs after the call changes nothing, and the pool does not change them', () => {
  const next = random(5);
  const make = (...shape) => ({
    data: normals(
      next,
      shape.reduce((a, b) => a * b),
    ),
    shape,
  });
  // More heads than two workers get at a time; with a mask that heads share each worker gets all.
  const inputs = () => [make(12, 700, 32), make(6, 500, 32), make(6, 500, 32)];
  const mask = { data: Uint8Array.from({ length: 350_000 }, () => next() % 3), shape: [700, 500] };
  for (const [name, tables] of [
    ['keys', {}],
    ['keys, mask and bias', { mask, bias: make(1, 700, 500) }],
  ])
    test(name, async () => {
      const tensors = inputs();
      const options = { ...tables, keyLengths: [499], capture: ['logSumExp'] };
      const expected = attention.attend(...tensors, options);
      const all = [...tensors, ...Object.values(tables)];
      const copies = all.map(({ data }) => data.slice());

      const untouched = await pool.attend(...tensors, options);
      all.forEach(({ data }, i) => {
        assert.deepEqual(data, copies[i]);
      });
      const pending = pool.attend(...tensors, options);
      for (const { data } of all) data.fill(data instanceof Uint8Array ? 0 : 7);
      for (const { shape } of all) shape[0] = 9;
      options.keyLengths[0] = 0;
      const overwritten = await pending;
      for (const what of ['output', 'logSumExp']) {
        assertSameBits(untouched[what].data, expected[what].data, what);
        assertSameBits(overwritten[what].data, expected[what].data, what);
      }
    });
});

test('writing to inputs changes nothing where a worker takes over the keys of another', async () => {
  const three = await createAttentionPool({ variant: 'simd', workers: 3 });
  const inputs = longProblem({ heads: 2, length: 1000 });
  const expected = attention.attend(...inputs).output.data;
  const pending = three.attend(...inputs);
  for (const { data } of inputs) data.fill(7);
  assertSameBits((await pending).output.data, expected);
  three.dispose();
});

test('queries are not split where the offset of a part would pass 2³¹ − 1', async () => {
  const inputs = longProblem({ heads: 1, length: 400 });
  for (const queryOffset of [2 ** 31 - 1, 2 ** 31 - 300, -(2 ** 31 - 1)]) {
    const options = { isCausal: true, window: { left: 2 ** 31 - 2 }, queryOffset };
    const { output } = await pool.attend(...inputs, options);
    assertSameBits(output.data, attention.attend(...inputs, options).output.data);
  }
});

test('takes views, SharedArrayBuffers and resident tensors', async () => {
  const [query, key, value] = longProblem({ heads: 1, length: 300 });
  const expected = attention.attend(query, key, value).output.data;
  const view = new Float32Array(query.data.length + 3).subarray(3);
  view.set(query.data);
  const sharedKey = new Float32Array(new SharedArrayBuffer(key.data.byteLength));
  sharedKey.set(key.data);
  const resident = attention.tensor(value.shape, value.data);
  const { output } = await pool.attend(
    { data: view, shape: query.shape },
    { data: sharedKey, shape: key.shape },
    resident,
  );
  resident.dispose();
  assertSameBits(output.data, expected);
});

describe('out', () => {
  const inputs = longProblem({ heads: 2, length: 400 });
  const elements = inputs[0].data.length;
  let expected;
  before(() => {
    expected = attention.attend(...inputs).output.data;
  });

  test('of 0 elements may be detached', async () => {
    const none = { data: new Float32Array(), shape: [0, 2] };
    const out = new Float32Array();
    structuredClone(out.buffer, { transfer: [out.buffer] });
    const { output } = await pool.attend(none, none, none, { out });
    assert.equal(output.data.length, 0);
  });

  test('an array, a resident tensor, a view of memory that grows meanwhile', async () => {
    const array = new Float32Array(elements);
    const { output } = await pool.attend(...inputs, { out: array });
    assert.equal(output.data, array);
    assertSameBits(array, expected);

    const small = await createAttention({ variant: 'simd' });
    const resident = small.tensor(inputs[0].shape);
    const viewed = small.tensor(inputs[0].shape);
    const calls = [
      pool.attend(...inputs, { out: resident }),
      pool.attend(...inputs, { out: viewed.data }),
    ];
    const before = small.memory.bytes;
    small.tensor([before]);
    assert.ok(small.memory.bytes > before, 'the memory grew');
    const results = await Promise.all(calls);
    for (const data of [resident.data, viewed.data, ...results.map((r) => r.output.data)])
      assertSameBits(data, expected);
    small.dispose();
  });

  test('disposed of or detached during the call: the call rejects', async () => {
    const out = new Float32Array(elements);
    const pending = pool.attend(...inputs, { out });
    structuredClone(out.buffer, { transfer: [out.buffer] });
    await assert.rejects(pending, { code: 'ERR_DETACHED', argument: 'out' });

    const resident = attention.tensor(inputs[0].shape);
    const disposed = pool.attend(...inputs, { out: resident });
    resident.dispose();
    await assert.rejects(disposed, { code: 'ERR_DISPOSED', argument: 'out' });
    await assertPoolWorks();
  });

  test('an aborted call leaves it unchanged', async () => {
    const long = longProblem();
    const out = new Float32Array(long[0].data.length).fill(7);
    const controller = new AbortController();
    const options = { out, signal: controller.signal, onProgress: () => controller.abort() };
    await assert.rejects(pool.attend(...long, options), { code: 'ERR_ABORTED' });
    await assertPoolWorks();
    assert.ok(out.every((x) => x === 7));
  });
});

describe('progress', () => {
  test('counts blocks up to the total', async () => {
    const seen = [];
    await pool.attend(...longProblem(), { onProgress: (...counts) => seen.push(counts) });
    const total = seen[0][1];
    assert.ok(seen.length >= 8, `told ${seen.length} times`);
    assert.deepEqual(seen.at(-1), [total, total]);
    seen.reduce((before, [done, ofTotal]) => {
      assert.ok(done > before && ofTotal === total, `${done} of ${ofTotal} after ${before}`);
      return done;
    }, 0);
  });

  test('an error thrown in it rejects this call with that error, and no other call', async () => {
    const thrown = new Error('mine');
    let times = 0;
    const onProgress = () => {
      times += 1;
      throw thrown;
    };
    const other = pool.attend(...longProblem({ heads: 1 }));
    await assert.rejects(
      pool.attend(...longProblem(), { onProgress }),
      (error) => error === thrown,
    );
    await other;
    assert.equal(times, 1);
    await assertPoolWorks();
  });
});

describe('abort', () => {
  test('before the call: nothing is computed', async () => {
    const onProgress = () => assert.fail('a block was computed');
    const options = { signal: AbortSignal.abort(), onProgress };
    await assert.rejects(pool.attend(Q, K, V, options), (error) =>
      assertExplained(error, { code: 'ERR_ABORTED', argument: 'signal' }),
    );
  });

  test('during the call: rejects at once, stops computing, and the pool still works', async () => {
    const controller = new AbortController();
    const progress = firstProgress();
    let times = 0;
    const onProgress = (...counts) => {
      times += 1;
      progress.onProgress(...counts);
    };
    const pending = pool.attend(...longProblem({ heads: 16 }), {
      signal: controller.signal,
      onProgress,
    });
    const [done, total] = await progress.promise;
    assert.ok(done < total / 4, `${done} of ${total} blocks`);
    let rejected = false;
    pending.catch(() => {
      rejected = true;
    });
    controller.abort('enough');
    await Promise.resolve().then(() => Promise.resolve());
    await new Promise(setImmediate);
    assert.ok(rejected, 'not rejected at once');
    await assert.rejects(
      pending,
      (error) => error.code === 'ERR_ABORTED' && error.cause === 'enough',
    );
    const before = times;
    await assertPoolWorks();
    assert.equal(times, before, 'progress of a call that was aborted');
  });

  test('after the call: nothing happens', async () => {
    const controller = new AbortController();
    await pool.attend(Q, K, V, { signal: controller.signal });
    controller.abort();
    await assertPoolWorks();
  });
});

test('calls take turns: short ones do not wait for a long one', async () => {
  let share = 0;
  const long = pool.attend(...longProblem({ heads: 16 }), {
    onProgress: (done, total) => {
      share = done / total;
    },
  });
  const short = longProblem({ heads: 1, length: 300, seed: 2 });
  const calls = [1, 2, 3].map(() => pool.attend(...short));
  const expected = attention.attend(...short).output.data;
  for (const call of calls) assertSameBits((await call).output.data, expected);
  assert.ok(share < 0.5, `they waited for ${share} of the long one`);
  await long;
});
