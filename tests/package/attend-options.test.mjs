// Each option alone against the reference, and the ways to write it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertWithinBound } from '../fuzz/differential.mjs';
import { packageEngine } from '../fuzz/engines.mjs';
import { inputsOf } from '../random/problem.mjs';
import { CAPTURES, OPTION_NAMES, plainRecipe } from '../random/recipe.mjs';
import { runs } from '../random/runs.mjs';
import { attendReference } from '../reference/attention.mjs';
import { assertClose, assertSameBits, assertTensorClose, WITH_OPTIONS } from './closeness.mjs';
import { forEachVariant } from './variants.mjs';

/** More than elsewhere: several batches and heads of the largest shapes. */
const MOST_PRODUCTS = 2 ** 23;

const SMALL = {
  ...{ seed: 5, rank: 4, batch: 2, keyHeads: 2, group: 2 },
  ...{ queries: 3, keys: 7, depth: 5, valueDepth: 6 },
};

forEachVariant('options', (engine) => {
  // Several options together: tests/fuzz/differential.test.mjs.
  for (const name of OPTION_NAMES) {
    test(`${name} alone`, () => {
      const recipes = plainRecipe(name);
      assertWithinBound([packageEngine(engine.attention)], {
        ...{ recipes, mostProducts: MOST_PRODUCTS },
        ...runs(25),
      });
    });
  }

  test('an option of undefined counts as not given', () => {
    const { query, key, value } = inputsOf(SMALL);
    const options = Object.fromEntries(
      [...OPTION_NAMES, 'layout', 'capture', 'out'].map((name) => [name, undefined]),
    );
    const actual = engine.attention.attend(query, key, value, options);
    assertSameBits(actual.output.data, engine.attention.attend(query, key, value).output.data);
  });

  test("queryOffset: 0 by default, 'end' is S − L, and keyLengths[b] − L", () => {
    const { query, key, value } = inputsOf(SMALL);
    const attend = (options) =>
      engine.attention.attend(query, key, value, { isCausal: true, ...options }).output.data;
    const { queries: L, keys: S } = SMALL;
    assertSameBits(attend({}), attend({ queryOffset: 0 }));
    assertSameBits(attend({ queryOffset: 'end' }), attend({ queryOffset: S - L }));
    const keyLengths = [S, 2];
    assertSameBits(
      attend({ keyLengths, queryOffset: 'end' }),
      attend({ keyLengths, queryOffset: [S - L, 2 - L] }),
    );
  });

  test('a bound of Infinity is none', () => {
    const { query, key, value } = inputsOf(SMALL);
    const attend = (window) => engine.attention.attend(query, key, value, { window }).output.data;
    assertSameBits(attend({ left: Infinity, right: 1 }), attend({ right: 1 }));
    assertSameBits(attend({ left: Infinity, right: Infinity }), attend({}));
  });

  test('booleans, nested booleans and bytes are the same mask; nested numbers the same bias', () => {
    const { query, key, value } = inputsOf(SMALL);
    const attend = (options) => engine.attention.attend(query, key, value, options).output.data;
    const row = [true, false, true, true, false, true, true];
    const bytes = Uint8Array.from(row, (kept) => (kept ? 200 : 0));
    const expected = attend({ mask: { data: bytes, shape: [7] } });
    assertSameBits(attend({ mask: row }), expected);
    assertSameBits(attend({ mask: [row] }), expected);
    const bias = row.map((kept) => (kept ? 0.5 : -Infinity));
    assertSameBits(
      attend({ bias: [[bias]] }),
      attend({ bias: { data: Float32Array.from(bias), shape: [7] } }),
    );
  });

  test('an excluded key has no influence: NaN, ±Infinity, 1e38', () => {
    const { query, key, value } = inputsOf(SMALL);
    const mask = [true, true, false, true, true, true, true];
    const expected = engine.attention.attend(query, key, value, { mask, capture: CAPTURES });
    for (const poison of [Number.NaN, Infinity, -Infinity, 1e38]) {
      const poisoned = [key, value].map(({ data, shape }) => {
        const [rows, columns] = shape.slice(-2);
        return {
          data: data.map((x, i) => (Math.floor(i / columns) % rows === 2 ? poison : x)),
          shape,
        };
      });
      const actual = engine.attention.attend(query, ...poisoned, { mask, capture: CAPTURES });
      for (const name of ['output', 'scoresMasked', 'weights', 'logSumExp'])
        assertSameBits(actual[name].data, expected[name].data, `${name} beside ${poison}`);
    }
  });

  test('scores of 1e38, denormal scores, equal scores and −0 are those of the reference', () => {
    const value = { data: Float32Array.of(1, 2, 3, 4), shape: [4, 1] };
    const rows = {
      large: [1e38, -1e38, 9e37, 1e38],
      denormal: [1e-45, -1e-45, 1e-40, 0],
      equal: [5, 5, 5, 5],
      zero: [-0, 0, -0, 0],
    };
    for (const [name, data] of Object.entries(rows)) {
      const key = { data: Float32Array.from(data), shape: [4, 1] };
      const query = { data: Float32Array.of(1), shape: [1, 1] };
      const { output } = engine.attention.attend(query, key, value, { scale: 1 });
      const expected = attendReference(query, key, value, { scale: 1 }).output.data;
      assertClose(output.data, expected, WITH_OPTIONS, name);
    }
    // Denormal values are not flushed to 0.
    const tiny = { data: Float32Array.of(1e-40), shape: [1, 1] };
    const one = { data: Float32Array.of(1), shape: [1, 1] };
    assertSameBits(engine.attention.attend(one, one, tiny).output.data, [1e-40]);
  });

  test('trace applies every option', () => {
    const { query, key, value } = inputsOf(SMALL);
    const options = {
      ...{ scale: 0.75, isCausal: true, queryOffset: 'end', window: { left: 3 }, softcap: 2 },
      ...{ alibiSlopes: [0.5, 0.25, 1, 0], sinks: [0, 1, -1, 2], keyLengths: [7, 4] },
      mask: [true, true, true, false, true, true, true],
      bias: [0, 0.5, -Infinity, 1, -1, 0, 0],
    };
    const flat = {
      mask: { data: Uint8Array.from(options.mask, Number), shape: [7] },
      bias: { data: options.bias, shape: [7] },
    };
    const trace = engine.attention.trace(query, key, value, options);
    const reference = attendReference(...[query, key, value, { ...options, ...flat }], {
      contributions: true,
    });
    const expected = { ...reference, scaled: reference.scoresRaw, masked: reference.scoresMasked };
    for (const [name, actual] of Object.entries(trace))
      assertTensorClose(actual, expected[name], WITH_OPTIONS, name);
    assert.equal(Object.keys(trace).length, 9);
  });
});
