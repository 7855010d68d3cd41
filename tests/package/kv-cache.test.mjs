// The KV cache: decoding equals one call, growth keeps the appended rows, misuse is refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttention } from 'qkv';
import { random, tensor } from '../random/numbers.mjs';
import { assertClose, assertSameBits, PROMISED } from './closeness.mjs';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const HEADS = 4;
const KEY_HEADS = 2;
const DEPTH = 6;
const VALUE_DEPTH = 3;

/** Rows [first, end) of each head of a [H, L, D] tensor. */
function rows({ data, shape: [heads, length, depth] }, first, end) {
  const part = new Float32Array(heads * (end - first) * depth);
  for (let h = 0; h < heads; h++) {
    const from = data.subarray((h * length + first) * depth, (h * length + end) * depth);
    part.set(from, h * (end - first) * depth);
  }
  return { data: part, shape: [heads, end - first, depth] };
}

function sequence(length, seed = 1) {
  const next = random(seed);
  return {
    query: tensor(next, [HEADS, length, DEPTH]),
    key: tensor(next, [KEY_HEADS, length, DEPTH]),
    value: tensor(next, [KEY_HEADS, length, VALUE_DEPTH]),
  };
}

const OPTIONS = { heads: KEY_HEADS, depth: DEPTH, valueDepth: VALUE_DEPTH };

forEachVariant('KV cache', (engine) => {
  // tests/fuzz/decoding.test.mjs compares their results with one call.
  test('1,000 tokens one by one: length, and a capacity from 1,000 to 3,000', () => {
    const { key, value } = sequence(1000);
    const cache = engine.attention.createKVCache(OPTIONS);
    for (let t = 0; t < 1000; t++) {
      cache.append(rows(key, t, t + 1), rows(value, t, t + 1));
      assert.equal(cache.length, t + 1);
    }
    assert.ok(cache.capacity >= 1000 && cache.capacity < 3000, `capacity ${cache.capacity}`);
    cache.dispose();
  });

  test('append a prompt, then pieces, truncate, and append again', () => {
    const { attention } = engine;
    const { query, key, value } = sequence(40);
    const expected = attention.attend(query, key, value, { isCausal: true }).output;
    const cache = attention.createKVCache({ ...OPTIONS, capacity: 7 });
    cache.append(rows(key, 0, 30), rows(value, 0, 30));
    cache.append(rows(key, 0, 5), rows(value, 0, 5)); // a guess that is taken back
    cache.truncate(30);
    cache.append(rows(key, 30, 40), rows(value, 30, 40));
    const last = attention.attend(rows(query, 30, 40), cache, { isCausal: true }).output;
    assertClose(last.data, rows(expected, 30, 40).data, PROMISED);
    cache.dispose();
  });

  test('a cache gives the same bits as its keys and values', () => {
    const { attention } = engine;
    const { query, key, value } = sequence(150);
    const cache = attention.createKVCache(OPTIONS);
    cache.append(key, value);
    for (const options of [
      {},
      { isCausal: true },
      { isCausal: true, queryOffset: -3 },
      { window: { left: 9, right: 2 }, softcap: 4 },
      { keyLengths: [77], sinks: [0, 1, 2, 3], isCausal: true },
    ]) {
      const direct = attention.attend(query, key, value, { queryOffset: 'end', ...options });
      assertSameBits(attention.attend(query, cache, options).output.data, direct.output.data);
    }
    cache.dispose();
  });

  test('batches, and a query in layout blhd', () => {
    const { attention } = engine;
    const next = random(3);
    const query = tensor(next, [2, 5, HEADS, DEPTH]);
    const key = tensor(next, [2, KEY_HEADS, 9, DEPTH]);
    const value = tensor(next, [2, KEY_HEADS, 9, VALUE_DEPTH]);
    const cache = attention.createKVCache({ ...OPTIONS, batch: 2, capacity: 4 });
    cache.append(key, value);
    const bhld = {
      data: new Float32Array(query.data.length),
      shape: [2, HEADS, 5, DEPTH],
    };
    for (let b = 0; b < 2; b++)
      for (let l = 0; l < 5; l++)
        for (let h = 0; h < HEADS; h++)
          for (let d = 0; d < DEPTH; d++)
            bhld.data[((b * HEADS + h) * 5 + l) * DEPTH + d] =
              query.data[((b * 5 + l) * HEADS + h) * DEPTH + d];
    const expected = attention.attend(bhld, key, value).output;
    const actual = attention.attend(query, cache, { layout: 'blhd' }).output;
    assert.deepEqual(actual.shape, [2, 5, HEADS, VALUE_DEPTH]);
    for (let b = 0; b < 2; b++)
      for (let l = 0; l < 5; l++)
        for (let h = 0; h < HEADS; h++)
          for (let c = 0; c < VALUE_DEPTH; c++)
            assert.equal(
              actual.data[((b * 5 + l) * HEADS + h) * VALUE_DEPTH + c],
              expected.data[((b * HEADS + h) * 5 + l) * VALUE_DEPTH + c],
            );
    cache.dispose();
  });

  test('an empty cache gives zeros', () => {
    const cache = engine.attention.createKVCache({ heads: 1, depth: 2 });
    assert.deepEqual([cache.length, cache.capacity], [0, 0]);
    assert.deepEqual([...engine.attention.attend([[1, 2]], cache).output.data], [0, 0]);
    cache.dispose();
  });

  test('memory follows the capacity, and dispose() frees it', () => {
    const { attention } = engine;
    const before = attention.memory.used;
    const cache = attention.createKVCache({ heads: 1, depth: 16, capacity: 1000 });
    assert.equal(attention.memory.used - before, 2 * 1000 * 16 * 4);
    cache.append([Array(16).fill(1)], [Array(16).fill(1)]);
    assert.equal(cache.capacity, 1000);
    assert.equal(attention.memory.used - before, 2 * 1000 * 16 * 4);
    cache.dispose();
    cache.dispose();
    assert.equal(attention.memory.used, before);
  });
});

test('a cache without room to double grows by the appended rows', async () => {
  const attention = await createAttention({ maxMemory: 24 * 2 ** 20 });
  const cache = attention.createKVCache({ heads: 1, depth: 64, capacity: 20_000 });
  const many = { data: new Float32Array(20_000 * 64), shape: [20_000, 64] };
  cache.append(many, many);
  const one = tensor(random(4), [1, 64]);
  cache.append(one, one);
  assert.deepEqual([cache.length, cache.capacity], [20_001, 20_001]);
  attention.dispose();
});

test('a failed growth changes nothing', async () => {
  const attention = await createAttention({ maxMemory: 16 * 65536 });
  const cache = attention.createKVCache({ heads: 1, depth: 64, capacity: 1500 });
  cache.append(tensor(random(1), [1500, 64]), tensor(random(2), [1500, 64]));
  const query = tensor(random(3), [1, 64]);
  const before = attention.attend(query, cache).output.data;
  const more = tensor(random(4), [1, 64]);
  assertRefused(attention, () => cache.append(more, more), {
    code: 'ERR_SIZE',
    argument: 'memory',
    says: /bytes/,
  });
  assert.deepEqual([cache.length, cache.capacity], [1500, 1500]);
  assertSameBits(attention.attend(query, cache).output.data, before);
  attention.dispose();
});

test('each misuse of a cache is refused', async () => {
  const attention = await createAttention();
  const other = await createAttention();
  const fixed = attention.createKVCache({ heads: 1, depth: 2, capacity: 2, fixed: true });
  fixed.append([[1, 2]], [[3, 4]]);
  const disposed = attention.createKVCache({ heads: 1, depth: 2 });
  disposed.dispose();
  const create = (options) => () => attention.createKVCache(options);
  const REFUSED = [
    [create({ depth: 2 }), 'ERR_TYPE', 'heads'],
    [create({ heads: 0, depth: 2 }), 'ERR_VALUE', 'heads'],
    [create({ heads: 1, depth: 2.5 }), 'ERR_VALUE', 'depth'],
    [create({ heads: 1, depth: 2, capacity: Number.NaN }), 'ERR_VALUE', 'capacity'],
    [create({ heads: 1, depth: 2, fixed: true }), 'ERR_OPTION', 'capacity'],
    [create({ heads: 1, depth: 2, fixed: 1, capacity: 3 }), 'ERR_TYPE', 'fixed'],
    [create({ head: 1, depth: 2 }), 'ERR_OPTION', 'options.head'],
    [create({ heads: 70000, depth: 70000, capacity: 1 }), 'ERR_SIZE', 'capacity'],
    [() => fixed.append([[1]], [[3, 4]]), 'ERR_SHAPE', 'key'],
    [() => fixed.append([[1, 2]], [[3]]), 'ERR_SHAPE', 'value'],
    [
      () =>
        fixed.append(
          [[1, 2]],
          [
            [3, 4],
            [5, 6],
          ],
        ),
      'ERR_SHAPE',
      'value',
    ],
    [
      () =>
        fixed.append(
          [
            [1, 2],
            [1, 2],
          ],
          [
            [3, 4],
            [5, 6],
          ],
        ),
      'ERR_SIZE',
      'cache',
    ],
    [() => fixed.append('key', [[3, 4]]), 'ERR_TYPE', 'key'],
    [() => fixed.truncate(2), 'ERR_VALUE', 'length'],
    [() => fixed.truncate(-1), 'ERR_VALUE', 'length'],
    [() => attention.attend([[1, 2, 3]], fixed), 'ERR_SHAPE', 'key'],
    [() => attention.attend([[1, 2]], fixed, { isCasual: true }), 'ERR_OPTION', 'options.isCasual'],
    [() => other.attend([[1, 2]], fixed), 'ERR_TYPE', 'key'],
    [() => disposed.append([[1, 2]], [[3, 4]]), 'ERR_DISPOSED', 'cache'],
    [() => disposed.truncate(0), 'ERR_DISPOSED', 'cache'],
    [() => attention.attend([[1, 2]], disposed), 'ERR_DISPOSED', 'cache'],
  ];
  for (const [call, code, argument] of REFUSED) {
    assertRefused(attention, call, { code, argument });
    assert.equal(fixed.length, 1);
  }
  other.dispose();
  attention.dispose();
  assert.throws(() => fixed.append([[1, 2]], [[3, 4]]), {
    code: 'ERR_DISPOSED',
    argument: 'cache',
  });
  assert.throws(() => fixed.truncate(0), { code: 'ERR_DISPOSED', argument: 'cache' });
});

// Reading arguments can run the caller's code, which may change the cache during the call.
const READS = {
  'the shape of the query': (effect) => [{ data: Float32Array.of(3, 4, 5, 6), shape: effect }, {}],
  'a bound of the window': (effect) => [
    QUERY,
    {
      window: {
        get left() {
          effect[0];
          return undefined;
        },
      },
    },
  ],
  'the shape of the mask': (effect) => [
    QUERY,
    { mask: { data: Uint8Array.of(1, 1), shape: effect } },
  ],
};
const QUERY = { data: Float32Array.of(3, 4, 5, 6), shape: [2, 1, 2] };

for (const [place, argumentsThat] of Object.entries(READS)) {
  test(`${place} changes the cache: the call attends the changed cache`, async () => {
    const attention = await createAttention();
    const rows = (first, count) => ({
      data: Float32Array.from({ length: 4 * count }, (_, i) => (first + i) / 100),
      shape: [2, count, 2],
    });
    const fresh = () => {
      const cache = attention.createKVCache({ heads: 2, depth: 2, capacity: 2 });
      cache.append(rows(1, 2), rows(5, 2));
      return cache;
    };
    // Of the query's shape the first dimension is a getter; of the mask's the only one that is not 1.
    const shape = (size, effect) =>
      Object.defineProperty(size.slice(), 0, {
        get() {
          effect();
          return size[0];
        },
      });
    const size = place.includes('mask') ? [1, 1, 1, 1] : [2, 1, 2];
    const attend = (cache, effect) => {
      const [query, options] = argumentsThat(shape(size, effect));
      if (options.mask) options.mask.data = Uint8Array.of(1);
      return attention.attend(query, cache, options).output.data;
    };

    for (const change of [
      (cache) => cache.append(rows(50, 60), rows(90, 60)), // moves it, with other strides
      (cache) => cache.truncate(1),
    ]) {
      const changed = fresh();
      change(changed);
      const expected = attend(changed, () => {});
      let isDone = false;
      const cache = fresh();
      const actual = attend(cache, () => {
        if (!isDone) change(cache);
        isDone = true;
      });
      assert.deepEqual(actual, expected);
    }
    const ended = fresh();
    assert.throws(() => attend(ended, () => ended.dispose()), { code: 'ERR_DISPOSED' });
    attention.dispose();
  });
}
