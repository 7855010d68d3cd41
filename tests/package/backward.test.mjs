// Gradients against their reference, in every option and combination, and the misuses that are refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { random, tensor } from '../random/numbers.mjs';
import { inputsAsGiven, problemOf, shapedAs } from '../random/problem.mjs';
import { OPTION_NAMES, plainCombination, plainRecipe } from '../random/recipe.mjs';
import { runs } from '../random/runs.mjs';
import { backwardReference, DIFFERENTIABLE } from '../reference/backward.mjs';
import { assertClose, assertSameBits } from './closeness.mjs';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const MOST_PRODUCTS = 200_000;
const EXAMPLE = [[[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]]; // biome-ignore format: three matrices

/** The gradients that a call may ask for. */
function wantedOf(options) {
  return DIFFERENTIABLE.filter((name, i) => i < 3 || options[name] !== undefined);
}

function outputGradientOf(problem) {
  const { query, value } = problem;
  const shape = [...query.shape.slice(0, 3), value.shape[3]];
  return shapedAs(problem, tensor(random(77), shape));
}

/**
 * Each gradient is as close to the reference as float32 allows for the largest numbers in it. That of a
 * slope adds up distances, some of them as large as the number of keys.
 */
function assertGradients(actual, expected, wanted, keys) {
  assert.deepEqual(Object.keys(actual).sort(), [...wanted].sort());
  for (const name of wanted) {
    assert.deepEqual([...actual[name].shape], [...expected[name].shape], `${name}: shape`);
    const least = name === 'alibiSlopes' ? Math.max(1, keys / 4) : 1;
    const largest = expected[name].data.reduce((most, x) => Math.max(most, Math.abs(x)), least);
    const close = { absolute: 2e-5 * largest, relative: 0 };
    assertClose(actual[name].data, expected[name].data, close, name);
  }
}

forEachVariant('backward', (engine) => {
  test('the worked example', () => {
    const bias = [[0, 0]];
    const wanted = ['query', 'key', 'value', 'bias'];
    const g = engine.attention.backward(...EXAMPLE, [[1, 1]], { bias, wanted });
    const close = { absolute: 0, relative: 1e-6 };
    assertClose(g.bias.data, [-0.0279434196811, 0.0279434196811], close, 'ds');
    assertClose(g.query.data, [0.0197589815461, 0.0197589815461], close, 'dQ');
    const dK = [-0.0592769446382, -0.0790359261843, 0.0592769446382, 0.0790359261843];
    assertClose(g.key.data, dK, close, 'dK');
    const dV = [0.00703535108517, 0.00703535108517, 0.992964648915, 0.992964648915];
    assertClose(g.value.data, dV, close, 'dV');
  });

  const recipes = [
    ['no option', plainRecipe(), 20],
    ...OPTION_NAMES.map((name) => [name, plainRecipe(name), 20]),
    ['all options, combined', plainCombination, 150],
  ];
  for (const [name, recipe, count] of recipes) {
    test(`${name}, in random problems`, () => {
      const isClose = (chosen, isGiven) => {
        const problem = problemOf(chosen, MOST_PRODUCTS);
        const options = { ...problem.options, layout: problem.layout };
        const inputs = inputsAsGiven(problem);
        const gradient = outputGradientOf(problem);
        const forward = isGiven
          ? engine.attention.attend(...inputs, { ...options, capture: ['logSumExp'] })
          : undefined;
        const wanted = wantedOf(options);
        const asked = { ...options, forward, wanted };
        const actual = engine.attention.backward(...inputs, gradient, asked);
        const expected = backwardReference(...inputs, gradient, options);
        assertGradients(actual, expected, wanted, problem.key.shape[2]);
      };
      fc.assert(fc.property(recipe, fc.boolean(), isClose), runs(count));
    });
  }

  test('a cache: the same gradients as of its keys and values', () => {
    const [query, key, value] = [
      [2, 4, 5, 6],
      [2, 2, 9, 6],
      [2, 2, 9, 3],
    ].map((shape, i) => tensor(random(i), shape));
    const gradient = tensor(random(9), [2, 4, 5, 3]);
    const sizes = { batch: 2, heads: 2, depth: 6, valueDepth: 3 };
    const cache = engine.attention.createKVCache({ ...sizes, capacity: 20 });
    cache.append(key, value);
    const cached = engine.attention.backward(query, cache, gradient, { isCausal: true });
    const plain = engine.attention.backward(query, key, value, gradient, {
      ...{ isCausal: true, queryOffset: 'end' },
    });
    for (const name of ['query', 'key', 'value'])
      assertSameBits(cached[name].data, plain[name].data, name);
    const only = engine.attention.backward(query, cache, gradient, {
      isCausal: true,
      wanted: ['query'],
    });
    assert.deepEqual(Object.keys(only), ['query']);
    assertSameBits(only.query.data, plain.query.data);
    cache.dispose();
  });

  for (const [keyBatch, valueBatch] of [[1, 1], [1, 3], [3, 1]]) // biome-ignore format: pairs
    test(`${keyBatch} of keys and ${valueBatch} of values for a batch of 3: what they share is summed`, () => {
      const [query, key, value, gradient] = [
        [3, 4, 50, 6],
        [keyBatch, 2, 70, 6],
        [valueBatch, 2, 70, 3],
        [3, 4, 50, 3],
      ].map((shape, i) => tensor(random(i), shape));
      const options = { isCausal: true, queryOffset: [20, 3, 0], keyLengths: [70, 9, 41] };
      const actual = engine.attention.backward(query, key, value, gradient, options);
      const expected = backwardReference(query, key, value, gradient, options);
      assertGradients(actual, expected, ['query', 'key', 'value'], 70);
      if (keyBatch !== valueBatch) return;
      const cache = engine.attention.createKVCache({ heads: 2, depth: 6, valueDepth: 3 });
      cache.append(key, value);
      const cached = engine.attention.backward(query, cache, gradient, options);
      for (const name of ['query', 'key', 'value'])
        assertSameBits(cached[name].data, actual[name].data, name);
      cache.dispose();
    });

  test('resident tensors, and inputs that are left as they were', () => {
    const given = [
      [3, 5],
      [7, 5],
      [7, 2],
      [3, 2],
    ].map((shape, i) => tensor(random(i), shape));
    const before = given.map(({ data }) => data.slice());
    const expected = engine.attention.backward(...given);
    const resident = given.map(({ data, shape }) => engine.attention.tensor(shape, data));
    const actual = engine.attention.backward(...resident);
    for (const name of ['query', 'key', 'value'])
      assertSameBits(actual[name].data, expected[name].data);
    given.forEach(({ data }, i) => {
      assertSameBits(data, before[i]);
    });
    for (const tensor of resident) tensor.dispose();
  });

  test('memory beside inputs and gradients is at most 2 MB at L = 8192', () => {
    const rows = 8192;
    const shape = [1, rows, 8];
    const inputs = [0, 1, 2, 3].map((seed) => tensor(random(seed), shape));
    const before = engine.attention.memory.used;
    engine.attention.backward(...inputs, { window: { left: 8, right: 8 } });
    const held = 7 * 4 * rows * 8; // four inputs and three gradients
    assert.ok(engine.attention.memory.used - before <= held + 2 ** 21);
  });

  test('misuses', () => {
    const refused = (args, expected) =>
      assertRefused(engine.attention, () => engine.attention.backward(...args), expected);
    const call = (options) => [...EXAMPLE, [[1, 1]], options];
    const lse = [[[0]]];
    for (const [args, expected] of [
      [EXAMPLE, { code: 'ERR_TYPE', argument: 'outputGradient' }],
      [[...EXAMPLE, [[1]]], { code: 'ERR_SHAPE', argument: 'outputGradient' }],
      [[...EXAMPLE, [1, 1]], { code: 'ERR_SHAPE', argument: 'outputGradient' }],
      [
        call({ is_causal: true }),
        { code: 'ERR_OPTION', argument: 'options.is_causal', says: /isCausal/ },
      ],
      [call({ wanted: 'query' }), { code: 'ERR_TYPE', argument: 'wanted' }],
      [
        call({ wanted: ['querry'] }),
        { code: 'ERR_OPTION', argument: 'wanted[0]', says: /'query'/ },
      ],
      [call({ wanted: ['key', 'bias'] }), { code: 'ERR_OPTION', argument: 'wanted[1]' }],
      [call({ wanted: ['sinks'] }), { code: 'ERR_OPTION', argument: 'wanted[0]' }],
      [call({ capture: ['weights'] }), { code: 'ERR_OPTION', argument: 'options.capture' }],
      [call({ out: new Float32Array(2) }), { code: 'ERR_OPTION', argument: 'options.out' }],
      [call({ softcap: -1 }), { code: 'ERR_VALUE', argument: 'softcap' }],
      [call({ forward: 1 }), { code: 'ERR_TYPE', argument: 'forward' }],
      [
        call({ forward: { output: [[1, 1]] } }),
        { code: 'ERR_TYPE', argument: 'forward.logSumExp' },
      ],
      [
        call({ forward: { output: [[1]], logSumExp: lse } }),
        { code: 'ERR_SHAPE', argument: 'forward.output' },
      ],
      [
        call({ forward: { output: [[1, 1]], logSumExp: [1] } }),
        { code: 'ERR_SHAPE', argument: 'forward.logSumExp' },
      ],
    ])
      refused(args, expected);
  });

  test('the gradient of a rotation is the inverse rotation', () => {
    const x = tensor(random(3), [2, 3, 5, 8]);
    for (const interleaved of [false, true]) {
      const options = { interleaved, positions: 7, rotaryDim: 6 };
      const there = engine.attention.rotaryEmbedding(x, options);
      const back = engine.attention.rotaryEmbedding(there, { ...options, inverse: true });
      assertClose(back.data, x.data, { absolute: 1e-6, relative: 1e-6 });
      // ⟨rotate(x), y⟩ = ⟨x, rotate back(y)⟩
      const y = tensor(random(4), [2, 3, 5, 8]);
      const dot = (a, b) => a.data.reduce((sum, value, i) => sum + value * b.data[i], 0);
      const adjoint = engine.attention.rotaryEmbedding(y, { ...options, inverse: true });
      assert.ok(Math.abs(dot(there, y) - dot(x, adjoint)) <= 1e-4);
    }
  });
});
