// A pool computes the same bits as one thread, for any shape, options and number of workers. Only 'relaxed'
// splits keys: its results then have the error of a merge.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { elements, normals, random } from '../random/numbers.mjs';
import { inputsAsGiven, inputsOf, problemOf, shapedAs } from '../random/problem.mjs';
import { recipe } from '../random/recipe.mjs';
import { runs } from '../random/runs.mjs';
import { assertClose, WITH_OPTIONS } from './closeness.mjs';
import { RUNNABLE } from './variants.mjs';

// Queries are cut at multiples of 48, and no piece is shorter; below 2²² products nothing is cut.
const QUERIES = [1, 47, 48, 95, 96, 97, 143, 144, 191, 240, 241, 287, 288, 480, 481];
const KEYS = [0, 1, 119, 120, 121, 257, 700, 700];
const MOST_PRODUCTS = 2 ** 26;

const longRecipe = fc
  .tuple(recipe, fc.constantFrom(...QUERIES), fc.constantFrom(...KEYS), fc.constantFrom(16, 64, 80))
  .map(([small, queries, keys, depth]) => ({
    ...small,
    queries,
    keys,
    depth,
    poison: keys > 0 ? small.poison : 'none',
  }));

/** NaN is NaN: which bits it has is not defined. */
function assertSameNumbers(actual, expected, what) {
  assert.equal(actual.length, expected.length, `${what}: length`);
  for (let i = 0; i < expected.length; i++)
    if (!Object.is(actual[i], expected[i]))
      assert.fail(`${what}[${i}]: ${actual[i]} instead of ${expected[i]}`);
}

function assertSameResults(actual, expected) {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [name, { data, shape }] of Object.entries(expected)) {
    assert.deepEqual([...actual[name].shape], [...shape], `${name}: shape`);
    assertSameNumbers(actual[name].data, data, name);
  }
}

for (const [variant, count] of [
  ['simd', 60],
  ['scalar', 8],
  ['relaxed', 20], // with too few keys to be split
]) {
  describe(variant, { skip: !RUNNABLE.includes(variant) }, () => {
    let attention;
    const pools = [];
    before(async () => {
      attention = await createAttention({ variant });
      for (const workers of [2, 3]) pools.push(await createAttentionPool({ variant, workers }));
    });
    after(() => {
      for (const each of [attention, ...pools]) each.dispose();
    });

    test('any shape, any options: the bits of one thread', async () => {
      let blocks = 0;
      const property = fc.asyncProperty(longRecipe, fc.nat(1), async (from, which) => {
        const problem = problemOf(from, MOST_PRODUCTS);
        const { given, capture, layout } = problem;
        const inputs = inputsAsGiven(problem);
        const options = { ...given, capture, layout };
        const expected = attention.attend(...inputs, options);
        const isResident = problem.way.by === 'resident';
        const sent = isResident ? inputs.map((t) => attention.tensor(t.shape, t.data)) : inputs;
        let last;
        const onProgress = (done, total) => {
          last = [done, total];
        };
        const actual = await pools[which].attend(...sent, { ...options, onProgress });
        assertSameResults(actual, expected);
        assert.equal(last[0], last[1]);
        blocks += last[1];
        if (isResident) for (const tensor of sent) tensor.dispose();
      });
      await fc.assert(property, runs(count));
      assert.ok(blocks > 2 * count, `${blocks} blocks: hardly any call was split`);
    });
  });
}

// Few queries and many keys: [options, given the batch, heads, queries and keys].
const FEW_QUERIES = {
  plain: () => ({}),
  'a causal window from the end': () => ({
    isCausal: true,
    queryOffset: 'end',
    window: { left: 5000 },
  }),
  'offsets, lengths and sinks': ({ batch, heads, keys }) => ({
    isCausal: true,
    queryOffset: Array.from({ length: batch }, (_, b) => keys - 3000 * b),
    keyLengths: Array.from({ length: batch }, (_, b) => keys - 4001 * b),
    sinks: Array.from({ length: heads }, (_, h) => h - 1),
  }),
  'mask, bias and slopes': ({ heads, queries, keys }, next) => ({
    mask: { data: Uint8Array.from({ length: keys }, () => next() % 3), shape: [keys] },
    bias: { data: normals(next, elements([heads, queries, keys])), shape: [heads, queries, keys] },
    alibiSlopes: Array.from({ length: heads }, (_, h) => 2 ** -h / 1000),
    softcap: 20,
  }),
  'sinks where no key is left': ({ batch, heads }) => ({
    keyLengths: Array(batch).fill(0),
    sinks: Array(heads).fill(0.5),
  }),
};

describe('few queries and many keys', () => {
  const g = { seed: 3, rank: 4, batch: 2, keyHeads: 1, group: 2, queries: 24, keys: 8192 };
  const { query, key, value } = inputsOf({ ...g, depth: 64, valueDepth: 48 });
  const heads = g.keyHeads * g.group;

  describe('relaxed', { skip: !RUNNABLE.includes('relaxed') }, () => {
    let attention;
    let pool;
    before(async () => {
      attention = await createAttention({ variant: 'relaxed' });
      pool = await createAttentionPool({ variant: 'relaxed', workers: 3 });
    });
    after(() => {
      attention.dispose();
      pool.dispose();
    });

    for (const [name, make] of Object.entries(FEW_QUERIES))
      for (const layout of ['bhld', 'blhd'])
        test(`${name}, ${layout}: keys are split, and the parts merged`, async () => {
          const inputs = [query, key, value].map((x) => shapedAs({ rank: 4, layout }, x));
          const options = { ...make({ ...g, heads }, random(8)), layout };
          const expected = attention.attend(...inputs, { ...options, capture: ['logSumExp'] });
          let blocks;
          const onProgress = (_, total) => {
            blocks = total;
          };
          const first = await pool.attend(...inputs, { ...options, onProgress });
          const second = await pool.attend(...inputs, { ...options, capture: ['logSumExp'] });
          assert.ok(blocks > g.batch, `${blocks} blocks`);
          assert.deepEqual(Object.keys(first), ['output']);
          assert.deepEqual(Object.keys(second), ['output', 'logSumExp']);
          assert.deepEqual(first.output.shape, expected.output.shape);
          assertSameNumbers(first.output.data, second.output.data, 'once more');
          for (const what of ['output', 'logSumExp'])
            assertClose(second[what].data, expected[what].data, WITH_OPTIONS, what);
        });
  });

  test('simd: keys are not split, since a merge has other bits', async () => {
    const attention = await createAttention({ variant: 'simd' });
    const pool = await createAttentionPool({ variant: 'simd', workers: 3 });
    assertSameResults(await pool.attend(query, key, value), attention.attend(query, key, value));
    attention.dispose();
    pool.dispose();
  });
});
