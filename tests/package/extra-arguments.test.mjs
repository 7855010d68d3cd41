// An argument too many is refused everywhere: nothing that a caller gives is ignored.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alibiSlopes, createAttention } from 'qkv';
import { doctor } from 'qkv/doctor';
import { createAttentionPool } from 'qkv/pool';
import { assertExplained, assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const Q = [[3, 4]];
const KV = [[1, 2], [2, 3]]; // biome-ignore format: a matrix
const PART = { output: [[1, 2]], logSumExp: [0] };
const EXTRA = [{ layout: 'blhd' }, 0, null, false, 'x', [], () => {}];
const REFUSED = { code: 'ERR_TYPE', argument: 'arguments' };

forEachVariant('an argument too many', (engine) => {
  // [what the message says, the call with further arguments]
  const CALLS = [
    ['attend(query, key, value, options)', (a, ...more) => a.attend(Q, KV, KV, {}, ...more)],
    ['attend(query, cache, options)', (a, ...more) => a.attend(Q, cacheOf(a), {}, ...more)],
    ['trace(query, key, value, options)', (a, ...more) => a.trace(Q, KV, KV, {}, ...more)],
    ['trace(query, cache, options)', (a, ...more) => a.trace(Q, cacheOf(a), {}, ...more)],
    ['merge(parts, options)', (a, ...more) => a.merge([PART], {}, ...more)],
    ['rotaryEmbedding(x, options)', (a, ...more) => a.rotaryEmbedding(Q, {}, ...more)],
    ['tensor(shape, data)', (a, ...more) => a.tensor([1], [1], ...more)],
    ['createKVCache(options)', (a, ...more) => a.createKVCache({ heads: 1, depth: 2 }, ...more)],
    ['append(key, value)', (a, ...more) => cacheOf(a).append(KV, KV, ...more)],
    ['truncate(length)', (a, ...more) => cacheOf(a).truncate(1, ...more)],
    ['dispose()', (a, ...more) => cacheOf(a).dispose(...more)],
    ['dispose()', (a, ...more) => tensorOf(a).dispose(...more)],
    ['dispose()', (a, ...more) => a.dispose(...more)],
  ];
  let cache;
  let tensor;
  const cacheOf = (a) => {
    if (cache === undefined) {
      cache = a.createKVCache({ heads: 1, depth: 2 });
      cache.append(KV, KV);
    }
    return cache;
  };
  const tensorOf = (a) => {
    tensor ??= a.tensor([1]);
    return tensor;
  };

  for (const [signature, call] of CALLS)
    test(`${signature} and one more`, () => {
      const { attention } = engine;
      cacheOf(attention);
      tensorOf(attention);
      for (const extra of EXTRA) {
        const refused = () => call(attention, extra);
        assertRefused(attention, refused, REFUSED);
        assert.throws(refused, ({ expected }) => expected === signature);
        assert.throws(() => call(attention, undefined, extra), { code: 'ERR_TYPE' });
      }
      assert.equal(cache.length, 2, 'a refused call changes nothing');
    });

  test('undefined is as good as no argument', () => {
    const { attention } = engine;
    const expected = attention.attend(Q, KV, KV).output.data;
    assert.deepEqual(attention.attend(Q, KV, KV, undefined, undefined).output.data, expected);
    assert.deepEqual(
      attention.attend(Q, cacheOf(attention), undefined, undefined).output.data,
      expected,
    );
  });

  test('cache.append(k, v, {layout}) is not misread: it is refused', () => {
    const { attention } = engine;
    const two = attention.createKVCache({ heads: 2, depth: 1 });
    const rows = { data: Float32Array.of(1, 2, 3, 4), shape: [1, 2, 2, 1] };
    assertRefused(attention, () => two.append(rows, rows, { layout: 'blhd' }), REFUSED);
    assert.equal(two.length, 0);
    two.dispose();
  });
});

const explained = (error) => assertExplained(error, REFUSED);

test('creating, and alibiSlopes', async () => {
  for (const extra of EXTRA) {
    await assert.rejects(createAttention({}, extra), explained);
    await assert.rejects(createAttentionPool({}, extra), explained);
    assert.throws(() => alibiSlopes(1, extra), explained);
  }
});

test('doctor never rejects: its report has the error', async () => {
  const { findings } = await doctor({}, 5);
  const loading = findings.find(({ subject }) => subject === 'loading');
  assert.equal(loading.ok, false);
  assert.match(loading.says, /createAttention\(options\).*one more: 5/);
});

test('a pool', async () => {
  const pool = await createAttentionPool({ workers: 1 });
  const attention = await createAttention();
  const cache = attention.createKVCache({ heads: 1, depth: 2 });
  cache.append(KV, KV);
  for (const extra of EXTRA) {
    await assert.rejects(pool.attend(Q, KV, KV, {}, extra), explained);
    await assert.rejects(pool.attend(Q, cache, {}, extra), explained);
    assert.throws(() => pool.dispose(extra), explained);
  }
  assert.equal((await pool.attend(Q, KV, KV)).output.data.length, 2, 'still in use');
  pool.dispose();
  attention.dispose();
});
