// Shapes: ranks, layouts, grouped heads, and lengths on each boundary of the tiles, one less and one more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { swapHeadsAndRows } from '../conformance/rows.mjs';
import { assertWithinBound } from '../fuzz/differential.mjs';
import { packageEngine } from '../fuzz/engines.mjs';
import { random, tensor } from '../random/numbers.mjs';
import { inputsAsGiven, inputsOf, problemOf } from '../random/problem.mjs';
import { CAPTURES, plainRecipe } from '../random/recipe.mjs';
import { runs } from '../random/runs.mjs';
import { attendReference } from '../reference/attention.mjs';
import { assertClose, assertSameBits, assertTensorClose, PROMISED } from './closeness.mjs';
import { forEachVariant } from './variants.mjs';

/** More than elsewhere: several batches and heads of the largest shapes. */
const MOST_PRODUCTS = 2 ** 25;

forEachVariant('shapes', (engine) => {
  test('any shape agrees with the reference', () => {
    assertWithinBound([packageEngine(engine.attention)], {
      ...{ recipes: plainRecipe(), mostProducts: MOST_PRODUCTS },
      ...runs(60),
    });
  });

  test("layout 'blhd' is 'bhld' transposed, bit for bit", () => {
    const property = fc.property(plainRecipe(), (recipe) => {
      const problem = problemOf(recipe);
      const attend = (layout) => {
        const inputs = inputsAsGiven({ ...problem, layout });
        return engine.attention.attend(...inputs, { layout, capture: CAPTURES });
      };
      const [expected, actual] = [attend('bhld'), attend('blhd')];
      const output = swapHeadsAndRows(actual.output);
      assert.deepEqual([...output.shape], [...expected.output.shape]);
      assertSameBits(output.data, expected.output.data, 'output');
      for (const name of CAPTURES) {
        assert.deepEqual(actual[name].shape, expected[name].shape, name);
        assertSameBits(actual[name].data, expected[name].data, name);
      }
    });
    fc.assert(property, runs(40));
  });

  test("the reference reads 'blhd' the same way", () => {
    const g = { seed: 3, rank: 4, batch: 2, keyHeads: 2, group: 2 };
    const inputs = Object.values(
      inputsOf({ ...g, queries: 3, keys: 5, depth: 4, valueDepth: 6 }),
    ).map(swapHeadsAndRows);
    const { output } = engine.attention.attend(...inputs, { layout: 'blhd' });
    const expected = attendReference(...inputs, { layout: 'blhd' }).output;
    assertTensorClose(output, expected, PROMISED, 'output');
  });

  test('the result holds the captures that were asked for, and no others', () => {
    const property = fc.property(plainRecipe(), fc.subarray(CAPTURES), (recipe, capture) => {
      const inputs = inputsAsGiven({ ...problemOf(recipe), layout: 'bhld' });
      const result = engine.attention.attend(...inputs, { capture });
      assert.deepEqual(Object.keys(result).sort(), ['output', ...capture].sort());
    });
    fc.assert(property, runs(30));
  });

  test('capturing changes no bit of the output', () => {
    const property = fc.property(plainRecipe(), (recipe) => {
      const inputs = inputsAsGiven({ ...problemOf(recipe), layout: 'bhld' });
      const plain = engine.attention.attend(...inputs);
      const captured = engine.attention.attend(...inputs, { capture: CAPTURES });
      assertSameBits(captured.output.data, plain.output.data);
    });
    fc.assert(property, runs(20));
  });

  test('a trace of any shape agrees with the reference', () => {
    const property = fc.property(plainRecipe(), ({ queries, keys, ...recipe }) => {
      const small = { ...recipe, queries: Math.min(queries, 9), keys: Math.min(keys, 17) };
      const inputs = inputsAsGiven({ ...problemOf(small), layout: 'bhld' });
      const trace = engine.attention.trace(...inputs);
      const reference = attendReference(...inputs, {}, { contributions: true });
      const expected = {
        ...reference,
        scaled: reference.scoresRaw,
        masked: reference.scoresMasked,
      };
      for (const [name, actual] of Object.entries(trace)) {
        const { data, shape } = expected[name];
        const sameRank = name === 'output' ? shape : shape.slice(4 - recipe.rank);
        // Rounding of the largest products, 64 terms of about 8.
        const tolerance = { absolute: 2e-5, relative: 4e-6 };
        assertTensorClose(actual, { data, shape: sameRank }, tolerance, name);
      }
    });
    fc.assert(property, runs(30));
  });

  const empty = (...shape) => ({ data: new Float32Array(0), shape });
  const next = random(11);

  test('no queries give an empty output', () => {
    const [key, value] = [tensor(next, [5, 3]), tensor(next, [5, 2])];
    const { output, weights } = engine.attention.attend(empty(0, 3), key, value, {
      capture: ['weights'],
    });
    assert.deepEqual([output.data.length, ...output.shape], [0, 0, 2]);
    assert.deepEqual([weights.data.length, ...weights.shape], [0, 1, 1, 0, 5]);
  });

  test('values of no columns give an empty output', () => {
    const [query, key] = [tensor(next, [4, 3]), tensor(next, [5, 3])];
    const { output, weights } = engine.attention.attend(query, key, empty(5, 0), {
      capture: ['weights'],
    });
    assert.deepEqual([output.data.length, ...output.shape], [0, 4, 0]);
    const one = [1, 1, 1, 1].map((_, i) => weights.data.slice(i * 5, i * 5 + 5));
    for (const row of one) assertClose([row.reduce((a, b) => a + b)], [1], PROMISED);
  });

  test('no keys give zeros, and a log-sum-exp of −Infinity', () => {
    const query = tensor(next, [2, 3, 4]);
    const { output, weights, logSumExp } = engine.attention.attend(
      query,
      empty(2, 0, 4),
      empty(2, 0, 2),
      { capture: ['weights', 'logSumExp'] },
    );
    assert.deepEqual([...output.data], new Array(12).fill(0));
    assert.deepEqual([...weights.shape], [1, 2, 3, 0]);
    assert.deepEqual([...logSumExp.data], new Array(6).fill(-Infinity));
  });

  test('65536 × 65536 × 0 rows, whose product wraps in 32 bits, give an empty output', () => {
    const none = empty(65_536, 65_536, 0, 4);
    const capture = ['logSumExp', 'weights'];
    const { output, logSumExp } = engine.attention.attend(none, none, none, { capture });
    assert.deepEqual([output.data.length, ...output.shape], [0, 65_536, 65_536, 0, 4]);
    assert.deepEqual([logSumExp.data.length, ...logSumExp.shape], [0, 65_536, 65_536, 0]);
  });

  test('no batch and no heads give empty outputs', () => {
    const batch = engine.attention.attend(empty(0, 1, 2, 3), empty(0, 1, 5, 3), empty(0, 1, 5, 4));
    assert.deepEqual([...batch.output.shape], [0, 1, 2, 4]);
    const heads = engine.attention.attend(empty(0, 2, 3), empty(0, 5, 3), empty(0, 5, 4));
    assert.deepEqual([...heads.output.shape], [0, 2, 4]);
  });
});
