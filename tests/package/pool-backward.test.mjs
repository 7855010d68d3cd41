// A pool's gradients have the bits of one thread, for any options and number of workers, and its calls are
// refused, aborted and watched as those of attend are.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { createAttention, QkvError } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { random, tensor } from '../random/numbers.mjs';
import { inputsAsGiven, problemOf, shapedAs } from '../random/problem.mjs';
import { recipe } from '../random/recipe.mjs';
import { runs } from '../random/runs.mjs';
import { DIFFERENTIABLE } from '../reference/backward.mjs';
import { assertSameBits } from './closeness.mjs';
import { firstProgress } from './pool-problem.mjs';
import { RUNNABLE } from './variants.mjs';

const MOST_PRODUCTS = 2 ** 25;
/** Above 2^22 products for each head, each is a message of its own. */
const longRecipe = fc
  .tuple(
    recipe,
    fc.constantFrom(1, 47, 145, 400),
    fc.constantFrom(0, 1, 121, 300, 400),
    fc.constantFrom(8, 64),
  )
  .map(([small, queries, keys, depth]) => ({
    ...small,
    queries,
    keys,
    depth,
    poison: keys > 0 ? small.poison : 'none',
  }));

const EXAMPLE = [[[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]], [[1, 1]]]; // biome-ignore format: matrices

function assertSameGradients(actual, expected) {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, { data, shape }] of Object.entries(expected)) {
    assert.deepEqual([...actual[name].shape], [...shape], `${name}: shape`);
    assert.equal(actual[name].data.length, data.length, `${name}: length`);
    for (let i = 0; i < data.length; i++)
      if (!Object.is(actual[name].data[i], data[i]))
        assert.fail(`${name}[${i}]: ${actual[name].data[i]} instead of ${data[i]}`);
  }
}

for (const [variant, count] of [
  ['simd', 40],
  ['scalar', 4],
  ['relaxed', 40],
])
  describe(variant, { skip: !RUNNABLE.includes(variant) }, () => {
    let attention;
    const pools = [];
    before(async () => {
      attention = await createAttention({ variant });
      for (const workers of [1, 2, 3]) pools.push(await createAttentionPool({ variant, workers }));
    });
    after(() => {
      for (const each of [attention, ...pools]) each.dispose();
    });

    test('any shape, any options: the bits of one thread', async () => {
      let blocks = 0;
      const property = fc.asyncProperty(
        longRecipe,
        fc.boolean(),
        fc.subarray(DIFFERENTIABLE),
        async (from, isForwardGiven, names) => {
          const problem = problemOf(from, MOST_PRODUCTS);
          const { query, value, layout } = problem;
          const options = { ...problem.given, layout };
          const inputs = inputsAsGiven(problem);
          const shape = [...query.shape.slice(0, 3), value.shape[3]];
          const gradient = shapedAs(problem, tensor(random(77), shape));
          const forward = isForwardGiven
            ? attention.attend(...inputs, { ...options, capture: ['logSumExp'] })
            : undefined;
          const wanted = names.filter(
            (name) => DIFFERENTIABLE.indexOf(name) < 3 || options[name] !== undefined,
          );
          const asked = { ...options, forward, wanted };
          const expected = attention.backward(...inputs, gradient, asked);
          for (const pool of pools) {
            let last;
            const onProgress = (done, total) => {
              last = [done, total];
            };
            const actual = await pool.backward(...inputs, gradient, { ...asked, onProgress });
            assertSameGradients(actual, expected);
            assert.equal(last[0], last[1]);
            blocks += last[1];
          }
        },
      );
      await fc.assert(property, runs(count));
      assert.ok(blocks > 4 * count, `${blocks} blocks: hardly any call was split`);
    });

    // What is summed over an axis is not divided along it: [of the tensors, the option, wanted, shares].
    const [BATCH, HEADS] = [2, 4];
    const bias = (...extents) => ({ bias: tensor(random(6), [...extents, 300, 300]) });
    for (const [what, options, wanted, shares, keyBatch = BATCH] of [
      ['nothing is shared', {}, ['query', 'key', 'value'], BATCH * HEADS],
      ['a bias for all', bias(1, 1), ['key', 'bias'], 1],
      ['a bias for all, unwanted', bias(1, 1), ['key'], BATCH * HEADS],
      ['a bias of each head', bias(1, HEADS), ['bias'], HEADS],
      ['a bias of each batch element', bias(BATCH, 1), ['bias'], BATCH],
      ['a bias of each', bias(BATCH, HEADS), ['bias'], BATCH * HEADS],
      ['sinks', { sinks: [1, 0, -1, 2] }, ['sinks'], HEADS],
      ['slopes', { alibiSlopes: [1, 0.5, 0.25, 0] }, ['alibiSlopes', 'value'], HEADS],
      ['keys of the batch', {}, ['key'], HEADS, 1],
      ['values of the batch', {}, ['value'], HEADS, 1],
      ['keys of the batch, unwanted', {}, ['query'], BATCH * HEADS, 1],
    ])
      test(`${what}: ${shares} shares`, async () => {
        const inputs = [BATCH, keyBatch, keyBatch, BATCH].map((batch, i) =>
          tensor(random(i), [batch, HEADS, 300, 64]),
        );
        const expected = attention.backward(...inputs, { ...options, wanted });
        let blocks;
        const onProgress = (_, total) => {
          blocks = total;
        };
        for (const pool of pools) {
          const actual = await pool.backward(...inputs, { ...options, wanted, onProgress });
          assertSameGradients(actual, expected);
          assert.equal(blocks, shares);
        }
      });
  });

describe('calls', () => {
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

  const long = () => [1, 2, 3, 4].map((seed) => tensor(random(seed), [12, 400, 64]));

  test('a cache, in layout blhd', async () => {
    const cache = attention.createKVCache({ heads: 1, depth: 2, capacity: 9 });
    cache.append(EXAMPLE[1], EXAMPLE[2]);
    const query = { data: Float32Array.of(3, 4, 0, 0), shape: [1, 2, 2] };
    const gradient = { data: Float32Array.of(1, 1, 2, 3), shape: [1, 2, 2] };
    const expected = attention.backward(query, cache, gradient, { layout: 'blhd' });
    const pending = pool.backward(query, cache, gradient, { layout: 'blhd' });
    cache.dispose(); // the pool has its copy
    assertSameGradients(await pending, expected);
  });

  test('no queries, no keys, no heads, no batch', async () => {
    for (const [batch, heads, queries, keys] of [
      [2, 2, 0, 3],
      [2, 2, 3, 0],
      [2, 0, 3, 3],
      [0, 2, 3, 3],
    ]) {
      const inputs = [queries, keys, keys, queries].map((rows, i) =>
        tensor(random(i), [batch, heads, rows, 4]),
      );
      assertSameGradients(await pool.backward(...inputs), attention.backward(...inputs));
    }
  });

  test('refuses what Attention.backward() refuses, in the same words, and then works', async () => {
    const [Q, K, V, G] = EXAMPLE;
    for (const args of [
      [Q, K, V],
      [Q, K, V, [[1]]],
      [Q, K, V, G, { wanted: 'key' }],
      [Q, K, V, G, { wanted: ['bias'] }],
      [Q, K, V, G, { wanted: ['keys'] }],
      [Q, K, V, G, { forward: { output: G } }],
      [Q, K, V, G, { forward: { output: G, logSumExp: [0] } }],
      [Q, K, V, G, { softcap: -1 }],
      [Q, K, V, G, { bias: [0, Number.NaN] }],
      [Q, [[1, 2, 3]], V, G],
    ]) {
      let expected;
      assert.throws(
        () => attention.backward(...args),
        (error) => {
          expected = error;
          return error instanceof QkvError;
        },
      );
      await assert.rejects(pool.backward(...args), (error) => {
        for (const property of ['code', 'argument', 'expected', 'received', 'message'])
          assert.equal(error[property], expected[property], property);
        return error instanceof QkvError;
      });
      assertSameGradients(await pool.backward(...EXAMPLE), attention.backward(...EXAMPLE));
    }
    await assert.rejects(pool.backward(...EXAMPLE, { onProgress: 1 }), {
      code: 'ERR_TYPE',
      argument: 'onProgress',
    });
    for (const [options, argument] of [
      [{ onprogress() {} }, 'options.onprogress'],
      [{ capture: ['weights'] }, 'options.capture'],
      [{ out: new Float32Array(2) }, 'options.out'],
    ])
      await assert.rejects(pool.backward(...EXAMPLE, options), { code: 'ERR_OPTION', argument });
  });

  test('writing to inputs after the call changes nothing', async () => {
    const inputs = long();
    const bias = tensor(random(9), [12, 400, 400]);
    const { output, logSumExp } = attention.attend(...inputs.slice(0, 3), {
      bias,
      capture: ['logSumExp'],
    });
    const options = { bias, forward: { output, logSumExp }, wanted: ['query', 'key', 'bias'] };
    const expected = attention.backward(...inputs, options);
    const pending = pool.backward(...inputs, options);
    for (const { data } of [...inputs, bias, output, logSumExp]) data.fill(7);
    assertSameGradients(await pending, expected);
  });

  test('aborts between shares, and before the first', async () => {
    const controller = new AbortController();
    const { promise, onProgress } = firstProgress();
    const options = { signal: controller.signal, onProgress };
    const pending = pool.backward(...long(), options);
    const [done, total] = await promise;
    assert.ok(done < total && total === 12, `${done} of ${total}`);
    controller.abort();
    await assert.rejects(pending, { code: 'ERR_ABORTED', argument: 'signal' });
    await assert.rejects(pool.backward(...EXAMPLE, options), { code: 'ERR_ABORTED' });
    const failing = pool.backward(...long(), {
      onProgress() {
        throw new RangeError('enough');
      },
    });
    await assert.rejects(failing, RangeError);
    const inputs = long();
    assertSameBits(
      (await pool.backward(...inputs)).query.data,
      attention.backward(...inputs).query.data,
    );
  });

  test('a pool that was disposed of', async () => {
    const other = await createAttentionPool({ variant: 'simd', workers: 1 });
    const pending = other.backward(...long());
    other.dispose();
    await assert.rejects(pending, { code: 'ERR_DISPOSED' });
    await assert.rejects(other.backward(...EXAMPLE), { code: 'ERR_DISPOSED' });
  });
});
