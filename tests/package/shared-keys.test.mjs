// Keys and values that the batch elements of a query share, and caches, in attend, trace and the pool: held
// against the reference.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { swapHeadsAndRows } from '../conformance/rows.mjs';
import { normals, random, tensor } from '../random/numbers.mjs';
import { attendReference } from '../reference/attention.mjs';
import { assertClose, assertTensorClose, WITH_OPTIONS } from './closeness.mjs';
import { assertExplained } from './refusal.mjs';
import { forEachVariant, RUNNABLE } from './variants.mjs';

const [BATCH, HEADS, KEY_HEADS, DEPTH, VALUE_DEPTH] = [3, 4, 2, 8, 5];
const CAPTURE = ['scoresRaw', 'weights', 'logSumExp'];
const CLOSE = { absolute: 4e-6, relative: 4e-6 };

/** A query of three batch elements; the key and value have so many. */
function inputs({ queries = 5, keys = 70, keyBatch = 1, valueBatch = 1 } = {}) {
  const next = random(queries + 7 * keys);
  return [
    tensor(next, [BATCH, HEADS, queries, DEPTH]),
    tensor(next, [keyBatch, KEY_HEADS, keys, DEPTH]),
    tensor(next, [valueBatch, KEY_HEADS, keys, VALUE_DEPTH]),
  ];
}

/** Options that differ between batch elements. */
const perBatch = (queries, keys) => ({
  isCausal: true,
  queryOffset: [keys - 9, 3, keys >> 1],
  keyLengths: [keys, keys >> 1, 9],
  bias: { data: normals(random(3), BATCH * queries * keys), shape: [BATCH, 1, queries, keys] },
});

const BATCHES = [{ keyBatch: 1, valueBatch: 1 }, { keyBatch: 1, valueBatch: BATCH }, { keyBatch: BATCH, valueBatch: 1 }]; // biome-ignore format: a table

function assertTraced(traced, expected) {
  const steps = {
    products: 'products',
    scaled: 'scoresRaw',
    masked: 'scoresMasked',
    rowMax: 'rowMax',
    exponentials: 'exponentials',
    rowSum: 'rowSum',
    weights: 'weights',
    output: 'output',
  };
  for (const [step, name] of Object.entries(steps))
    assertTensorClose(traced[step], expected[name], { absolute: 2e-5, relative: 2e-6 }, step);
}

forEachVariant('K and V shared by a batch', (engine) => {
  for (const batches of BATCHES)
    for (const queries of [1, 5, 60]) {
      const title = `${batches.keyBatch} of keys, ${batches.valueBatch} of values, ${queries} queries`;
      test(`a batch of 1 broadcasts: ${title}`, () => {
        const given = inputs({ queries, ...batches });
        for (const options of [{}, perBatch(queries, 70)]) {
          const expected = attendReference(...given, options);
          const actual = engine.attention.attend(...given, { ...options, capture: CAPTURE });
          for (const name of ['output', ...CAPTURE])
            assertTensorClose(actual[name], expected[name], CLOSE, name);
          assertTraced(engine.attention.trace(...given, options), expected);
        }
      });
    }

  test('in layout blhd, as resident tensors, and with the output over nothing of them', () => {
    const { attention } = engine;
    const given = inputs();
    const expected = attendReference(...given).output;
    const [query, key, value] = given.map(swapHeadsAndRows);
    const { output } = attention.attend(query, key, value, { layout: 'blhd' });
    assertClose(swapHeadsAndRows(output).data, expected.data, CLOSE);
    const resident = given.map(({ data, shape }) => attention.tensor(shape, data));
    const out = attention.tensor(expected.shape);
    attention.attend(...resident, { out });
    assertClose(out.data, expected.data, CLOSE);
    for (const one of [...resident, out]) one.dispose();
  });

  test('a batch of 0 queries, and of no keys', () => {
    const [, key, value] = inputs();
    const none = { data: new Float32Array(), shape: [0, HEADS, 5, DEPTH] };
    assert.deepEqual(engine.attention.attend(none, key, value).output.shape, [
      0,
      HEADS,
      5,
      VALUE_DEPTH,
    ]);
    const [query, noKey, noValue] = inputs({ keys: 0 });
    const { data } = engine.attention.attend(query, noKey, noValue).output;
    assert.ok(data.length === BATCH * HEADS * 5 * VALUE_DEPTH && data.every((x) => x === 0));
  });

  test('a shared key counts once: 2^27 elements for 16 batch elements are not too many', () => {
    // As 16 keys they would be 2^31 elements. An instance of 16 MiB has no room for one either.
    const shape = [1, 1, 2 ** 21, 64];
    const key = { data: new Float32Array(2 ** 27), shape };
    const query = { data: new Float32Array(16 * 64), shape: [16, 1, 1, 64] };
    const value = { data: new Float32Array(2 ** 21), shape: [1, 1, 2 ** 21, 1] };
    assert.throws(
      () => small.attend(query, key, value),
      ({ code, argument }) => code === 'ERR_SIZE' && argument === 'memory',
    );
  });
  let small;
  before(async () => {
    small = await createAttention({ variant: engine.variant, maxMemory: 2 ** 24 });
  });
  after(() => small.dispose());

  for (const batch of [1, BATCH])
    test(`trace(q, cache) and attend(q, cache), a cache with a batch of ${batch}`, () => {
      const { attention } = engine;
      const [query, key, value] = inputs({ keyBatch: batch, valueBatch: batch });
      const cache = filled(attention, key, value);
      for (const options of [
        {},
        { isCausal: true },
        { isCausal: true, softcap: 2, keyLengths: [70, 50, 9] },
      ]) {
        const asked = { queryOffset: 'end', ...options };
        const expected = attendReference(query, key, value, asked);
        assertTensorClose(attention.attend(query, cache, options).output, expected.output, CLOSE);
        assertTraced(attention.trace(query, cache, options), expected);
      }
      cache.dispose();
      assert.throws(() => attention.trace(query, cache), { code: 'ERR_DISPOSED' });
    });
});

/** A cache with room to spare, so that its rows are not dense. */
function filled(attention, key, value) {
  const [batch, heads] = key.shape;
  const sizes = { batch, heads, depth: DEPTH, valueDepth: VALUE_DEPTH };
  const cache = attention.createKVCache({ ...sizes, capacity: key.shape[2] + 13 });
  cache.append(key, value);
  return cache;
}

for (const variant of ['simd', 'relaxed'].filter((name) => RUNNABLE.includes(name)))
  describe(`pool, ${variant}`, () => {
    let attention;
    let pool;
    before(async () => {
      attention = await createAttention({ variant });
      pool = await createAttentionPool({ variant, workers: 2 });
    });
    after(() => {
      attention.dispose();
      pool.dispose();
    });

    for (const sizes of [
      { queries: 5, keys: 70 },
      { queries: 120, keys: 2500 },
    ])
      for (const batch of [1, BATCH]) {
        const title = `${sizes.queries} queries, a batch of ${batch}`;
        test(`K and V shared by a batch, and pool.attend(q, cache): ${title}`, async () => {
          const [query, key, value] = inputs({ ...sizes, keyBatch: batch, valueBatch: batch });
          const cache = filled(attention, key, value);
          const capture = ['logSumExp'];
          const whole = attendReference(query, key, value, { isCausal: true });
          const atTheEnd = attendReference(query, key, value, {
            isCausal: true,
            queryOffset: 'end',
          });
          const tensors = pool.attend(query, key, value, { isCausal: true, capture });
          const cached = pool.attend(query, cache, { isCausal: true, capture });
          cache.truncate(0); // the pool has its copy
          cache.dispose();
          for (const [actual, expected] of [[await tensors, whole], [await cached, atTheEnd]]) // biome-ignore format: pairs
            for (const name of ['output', 'logSumExp'])
              assertTensorClose(actual[name], expected[name], WITH_OPTIONS, name);
        });
      }

    test('a query of rank 2 and one of rank 3 in layout blhd', async () => {
      const cache = attention.createKVCache({ heads: 1, depth: 2 });
      cache.append([[1, 2], [2, 3]], [[7, 8], [9, 10]]); // biome-ignore format: matrices
      const flat = (await pool.attend([[3, 4]], cache)).output;
      assertTensorClose(flat, { data: [8.985929298, 9.985929298], shape: [1, 2] }, CLOSE); // the worked example
      const given = { data: Float32Array.of(3, 4, 0, 0), shape: [1, 2, 2] };
      const { output } = await pool.attend(given, cache, { layout: 'blhd' });
      const expected = [8.985929298, 9.985929298, 8, 9];
      assertTensorClose(output, { data: expected, shape: [1, 2, 2] }, CLOSE);
      cache.dispose();
    });

    test('an empty cache, and one that was disposed of', async () => {
      const [query] = inputs();
      const cache = attention.createKVCache({ heads: KEY_HEADS, depth: DEPTH });
      const { data } = (await pool.attend(query, cache)).output;
      assert.ok(data.length === BATCH * HEADS * 5 * DEPTH && data.every((x) => x === 0));
      cache.dispose();
      await assert.rejects(pool.attend(query, cache), { code: 'ERR_DISPOSED' });
    });

    test('a cache of another copy of the package is refused by name', async () => {
      const inline = await import('qkv/inline');
      const other = await inline.createAttention({ variant });
      const cache = other.createKVCache({ heads: 1, depth: 2 });
      const expected = { code: 'ERR_TYPE', argument: 'cache', says: /another copy.*'qkv\/inline'/ };
      await assert.rejects(pool.attend([[1, 2]], cache), (error) =>
        assertExplained(error, expected),
      );
      assert.throws(
        () => attention.trace([[1, 2]], cache),
        (error) => assertExplained(error, expected),
      );
      other.dispose();
    });
  });
