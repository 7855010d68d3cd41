// Shapes: ranks, layouts, grouped heads, lengths on and beside the boundaries of the tiles.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertClose, assertSameBits, assertTensorClose, PROMISED } from './closeness.mjs';
import { geometry, inputsOf, random, runs, swapHeadsAndRows, tensor } from './random-problem.mjs';
import { attendReference } from './reference.mjs';
import { forEachVariant } from './variants.mjs';

const CAPTURED = ['scoresRaw', 'scoresCapped', 'scoresMasked', 'weights', 'logSumExp'];
// Scores of unit-normal rows reach about 5; they and their logarithm are compared relatively.
const SCORES = { absolute: 4e-6, relative: 2e-6 };

forEachVariant('shapes', (engine) => {
  test('any shape agrees with the reference', () => {
    fc.assert(
      fc.property(geometry, (g) => {
        const { query, key, value } = inputsOf(g);
        const { output } = engine.attention.attend(query, key, value);
        assertTensorClose(output, attendReference(query, key, value).output, PROMISED, 'output');
      }),
      runs(60),
    );
  });

  test("layout 'blhd' is 'bhld' transposed, bit for bit", () => {
    fc.assert(
      fc.property(geometry, (g) => {
        const inputs = Object.values(inputsOf(g));
        const expected = engine.attention.attend(...inputs, { layout: 'bhld', capture: CAPTURED });
        const actual = engine.attention.attend(...inputs.map(swapHeadsAndRows), {
          layout: 'blhd',
          capture: CAPTURED,
        });
        const output = swapHeadsAndRows(actual.output);
        assert.deepEqual([...output.shape], [...expected.output.shape]);
        assertSameBits(output.data, expected.output.data, 'output');
        for (const name of CAPTURED) {
          assert.deepEqual(actual[name].shape, expected[name].shape, name);
          assertSameBits(actual[name].data, expected[name].data, name);
        }
      }),
      runs(40),
    );
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

  test('captures only what is asked for, always as [B, H, L, S] and [B, H, L]', () => {
    fc.assert(
      fc.property(geometry, fc.subarray(CAPTURED), (g, capture) => {
        const { query, key, value } = inputsOf(g);
        const result = engine.attention.attend(query, key, value, { capture });
        const expected = attendReference(query, key, value);
        assert.deepEqual(Object.keys(result).sort(), ['output', ...capture].sort());
        for (const name of capture) {
          const tolerance = name === 'weights' ? PROMISED : SCORES;
          assertTensorClose(result[name], expected[name], tolerance, name);
        }
        assertClose(result.output.data, expected.output.data, PROMISED, 'output');
      }),
      runs(30),
    );
  });

  test('capturing changes no bit of the output', () => {
    fc.assert(
      fc.property(geometry, (g) => {
        const inputs = Object.values(inputsOf(g));
        const plain = engine.attention.attend(...inputs);
        const captured = engine.attention.attend(...inputs, { capture: CAPTURED });
        assertSameBits(captured.output.data, plain.output.data);
      }),
      runs(20),
    );
  });

  test('a trace of any shape agrees with the reference', () => {
    fc.assert(
      fc.property(geometry, (g) => {
        const small = { ...g, queries: Math.min(g.queries, 9), keys: Math.min(g.keys, 17) };
        const { query, key, value } = inputsOf(small);
        const trace = engine.attention.trace(query, key, value);
        const reference = attendReference(query, key, value);
        const expected = {
          ...reference,
          scaled: reference.scoresRaw,
          masked: reference.scoresMasked,
        };
        const rank = query.shape.length;
        for (const [name, actual] of Object.entries(trace)) {
          const { data, shape } = expected[name];
          const sameRank = name === 'output' ? shape : shape.slice(4 - rank);
          // Rounding of the largest products, 64 terms of about 8.
          const tolerance = { absolute: 2e-5, relative: 4e-6 };
          assertTensorClose(actual, { data, shape: sameRank }, tolerance, name);
        }
      }),
      runs(30),
    );
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

  test('no batch and no heads give empty outputs', () => {
    const batch = engine.attention.attend(empty(0, 1, 2, 3), empty(0, 1, 5, 3), empty(0, 1, 5, 4));
    assert.deepEqual([...batch.output.shape], [0, 1, 2, 4]);
    const heads = engine.attention.attend(empty(0, 2, 3), empty(0, 5, 3), empty(0, 5, 4));
    assert.deepEqual([...heads.output.shape], [0, 2, 4]);
  });
});
