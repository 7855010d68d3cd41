// Scores and values at the limits of float32: what is finite after its scale is finite, and the rest is as
// IEEE 754 says. Expected values are worked out by hand, or by the reference where they are many.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normals, random } from '../random/numbers.mjs';
import { CAPTURES } from '../random/recipe.mjs';
import { attendReference } from '../reference/attention.mjs';
import { assertClose, assertTensorClose, WITH_OPTIONS } from './closeness.mjs';
import { forEachVariant } from './variants.mjs';

const LARGEST = 2 ** 128 - 2 ** 104;
const column = (numbers) => ({ data: Float32Array.from(numbers), shape: [numbers.length, 1] });

forEachVariant('extremes', (engine) => {
  /** One query of depth 1; the captures that are asked for, as arrays beside the output. */
  const attend = (q, keys, values, options = {}, capture = CAPTURES) => {
    const result = engine.attention.attend(column([q]), column(keys), column(values), {
      ...{ scale: 1, ...options, capture },
    });
    return Object.fromEntries(Object.entries(result).map(([name, { data }]) => [name, [...data]]));
  };

  /** The same output and log-sum-exp, whichever captures are asked for: some take another path. */
  const assertOutput = (call, output, logSumExp) => {
    for (const capture of [
      [],
      ['logSumExp'],
      ['weights'],
      ['scoresMasked', 'logSumExp'],
      CAPTURES,
    ]) {
      const actual = attend(...call, capture);
      assertClose(actual.output, [output], WITH_OPTIONS, `output with [${capture}]`);
      if (!actual.logSumExp) continue;
      assertClose(actual.logSumExp, [logSumExp], WITH_OPTIONS, `logSumExp with [${capture}]`);
    }
  };

  test('Q·Kᵀ of 1e40 that a scale of 1e-30 makes finite', () => {
    const call = [1e20, [1e20, 0], [3, 4], { scale: 1e-30 }];
    const { scoresRaw, weights } = attend(...call);
    assertClose(scoresRaw, [1e10, 0], WITH_OPTIONS, 'scoresRaw');
    assert.deepEqual(weights, [1, 0]);
    assertOutput(call, 3, 1e10);
  });

  test('a sum of products that overflows on its way, and is 8 after its scale', () => {
    for (const depth of [1, 3, 4, 5, 8, 31, 64]) {
      const rows = (...each) => ({
        data: Float32Array.from({ length: each.length * depth }, (_, i) => each[(i / depth) | 0]),
        shape: [each.length, depth],
      });
      const options = { scale: 8e-38 / depth, capture: CAPTURES };
      const call = [rows(1e19), rows(1e19, 9e18, -1e19), column([1, 2, 3])];
      const actual = engine.attention.attend(...call, options);
      const expected = attendReference(...call, options);
      assertClose(expected.scoresRaw.data, [8, 7.2, -8], { absolute: 1e-5, relative: 0 });
      for (const name of ['output', ...CAPTURES])
        assertTensorClose(actual[name], expected[name], WITH_OPTIONS, `${name}, depth ${depth}`);
    }
  });

  test('a scale of 1.5e30, times which the query alone overflows: scores 15 and 30', () => {
    const call = [1e9, [1e-38, 2e-38], [3, 4], { scale: 1.5e30 }];
    // 1e-38 is a denormal float32, right to 2⁻²¹ or so.
    assertClose(attend(...call).scoresRaw, [15, 30], { absolute: 0, relative: 1e-6 }, 'scoresRaw');
    assertOutput(call, 4 - Math.exp(-15), 30 + Math.exp(-15));
  });

  test('scales on both sides of 2¹⁰⁰, and the smallest and largest float32', () => {
    for (const scale of [2 ** -149, 2 ** -126, 2 ** 99, 2 ** 100, 2 ** 101, 2 ** 127]) {
      const [q, k] = [Math.min(1 / scale, 2 ** 100), Math.max(2 ** -100 / scale, 2 ** -100)];
      const options = { scale, capture: CAPTURES };
      const inputs = [column([q]), column([k, 2 * k, 3 * k]), column([1, 2, 3])];
      const actual = engine.attention.attend(...inputs, options);
      const expected = attendReference(...inputs, options);
      for (const name of ['output', ...CAPTURES])
        assertTensorClose(actual[name], expected[name], WITH_OPTIONS, `${name}, scale ${scale}`);
    }
  });

  // Key 0 has a score of 1, key 1 of −∞; key 2 is excluded.
  const options = { keyLengths: [2] };
  const MINUS_INFINITY = {
    'a key of −∞': [1, [1, -Infinity, 1]],
    'a product that overflows': [2 ** 127, [2 ** -127, -(2 ** 127), 2 ** -127]],
  };
  for (const [name, [q, keys]] of Object.entries(MINUS_INFINITY)) {
    test(`an attended score of −∞ by ${name} has weight 0, times its value`, () => {
      const call = (value) => [q, keys, [5, value, 7], options];
      assert.deepEqual(attend(...call(6)).weights, [1, 0, 0]);
      assert.deepEqual(attend(...call(6)).scoresMasked, [1, -Infinity, -Infinity]);
      assertOutput(call(6), 5, 1);
      for (const value of [Number.NaN, Infinity, -Infinity]) {
        assertOutput(call(value), Number.NaN, 1);
        assert.deepEqual(attend(...call(value)).weights, [1, 0, 0]);
      }
    });

    test(`a row of which every attended score is −∞ by ${name} is NaN`, () => {
      const only = { ...options, mask: [false, true, true] };
      assertOutput([q, keys, [5, 6, 7], only], Number.NaN, Number.NaN);
      // A sink is a finite score: the key has weight 0.
      assertOutput([q, keys, [5, 6, 7], { ...only, sinks: [0.5] }], 0, 0.5);
    });
  }

  test('a row of which every attended score is −∞ by a slope that overflows is NaN', () => {
    const slope = { ...options, alibiSlopes: [3e38], queryOffset: -2 };
    assertOutput([1, [1, 1, 1], [5, 6, 7], slope], Number.NaN, Number.NaN);
  });

  test('an attended score of −∞ beside excluded keys, in every block of keys', () => {
    const keys = 500;
    const value = column(Array.from({ length: keys }, (_, j) => j));
    for (const at of [0, 1, 119, 120, 121, 239, 240, 479, 480, 499])
      for (const excluded of [0, 1, 119, 120, 121, 130, 480]) {
        const key = column(Array.from({ length: keys }, (_, j) => (j === at ? -Infinity : 0)));
        const mask = Array.from({ length: keys }, (_, j) => j === at || j % 481 >= excluded);
        const poisoned = { ...value, data: value.data.with(at, Number.NaN) };
        const options = { mask, capture: ['logSumExp'] };
        const { output, logSumExp } = engine.attention.attend(column([1]), key, poisoned, options);
        const others = mask.filter((kept, j) => kept && j !== at).length;
        assert.deepEqual([...output.data], [Number.NaN], `key ${at}, ${excluded} excluded`);
        const expected = others > 0 ? Math.log(others) : Number.NaN;
        assertClose(logSumExp.data, [expected], WITH_OPTIONS, `key ${at}, ${excluded}`);
      }
  });

  test('softcap: quotients up to ∞ give ± softcap, NaN stays NaN', () => {
    const keys = [1, -1, 1e20, -1e20, 3e38, -3e38, Infinity, -Infinity, Number.NaN, 0];
    const ones = keys.map(() => 1);
    const pairs = [[1, 1e-30], [1, 0.5], [1, 30], [100, 1e-38]]; // biome-ignore format: pairs
    for (const [q, softcap] of pairs) {
      const { scoresCapped } = attend(q, keys, ones, { softcap });
      const expected = keys.map((k) => softcap * Math.tanh(Math.fround(q * k) / softcap));
      assertClose(scoresCapped, expected, { absolute: 0, relative: 1e-6 }, `softcap ${softcap}`);
      const bounded = keys.slice(2, 8).map((k) => Math.fround(Math.sign(k) * softcap));
      assert.deepEqual(scoresCapped.slice(2, 8), bounded);
    }
  });

  test('values within 1e-7 of the largest float32 give finite outputs between them', () => {
    const next = random(12);
    const least = LARGEST * (1 - 1e-7);
    for (const keys of [1, 2, 3, 7, 48, 119, 120, 121, 300, 481])
      for (const rows of [1, 2, 13, 48]) {
        const query = { data: normals(next, rows * 4), shape: [rows, 4] };
        const key = { data: normals(next, keys * 4), shape: [keys, 4] };
        for (const sign of [1, -1]) {
          const near = () => sign * (next() % 2 ? LARGEST : least);
          const value = { data: Float32Array.from({ length: keys * 5 }, near), shape: [keys, 5] };
          const { data } = engine.attention.attend(query, key, value).output;
          for (const x of data)
            assert.ok(
              sign * x >= least * (1 - 1e-6) && sign * x <= LARGEST,
              `${x} of ${keys} keys, ${rows} rows`,
            );
        }
      }
  });
});
