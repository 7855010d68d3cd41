// The call of the README, with numbers that a reader can check by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertClose } from './closeness.mjs';
import { forEachVariant } from './variants.mjs';

const QUERY = [[3, 4]];
const KEY = [
  [1, 2],
  [2, 3],
];
const VALUE = [
  [7, 8],
  [9, 10],
];
// In float64. One unit in the last place of a float32 is 1e-6 at 10, and less at smaller numbers.
const SCALED = [7.7781745930520225, 12.727922061357855];
const WEIGHTS = [0.007035351085173759, 0.9929646489148263];
const OUTPUT = [8.985929297829653, 9.985929297829653];
const ULP = { absolute: 0, relative: 2 ** -22 };

forEachVariant('worked example', (engine) => {
  test('attends as the README says', () => {
    const { output } = engine.attention.attend(QUERY, KEY, VALUE);
    assert.deepEqual(output.shape, [1, 2]);
    assert.ok(output.data instanceof Float32Array);
    assertClose(output.data, OUTPUT, ULP);
  });

  test('returns only the output without capture', () => {
    assert.deepEqual(Object.keys(engine.attention.attend(QUERY, KEY, VALUE)), ['output']);
  });

  test('traces every intermediate of the formula', () => {
    const trace = engine.attention.trace(QUERY, KEY, VALUE);
    const exponential = Math.exp(SCALED[0] - SCALED[1]);
    const expected = {
      products: [
        [1, 2],
        [11, 18],
      ],
      scaled: [[1, 2], SCALED],
      masked: [[1, 2], SCALED],
      rowMax: [[1], [SCALED[1]]],
      exponentials: [
        [1, 2],
        [exponential, 1],
      ],
      rowSum: [[1], [1 + exponential]],
      weights: [[1, 2], WEIGHTS],
      contributions: [
        [1, 2, 2],
        [7 * WEIGHTS[0], 8 * WEIGHTS[0], 9 * WEIGHTS[1], 10 * WEIGHTS[1]],
      ],
      output: [[1, 2], OUTPUT],
    };
    assert.deepEqual(Object.keys(trace).sort(), Object.keys(expected).sort());
    // The exponential carries the rounding of its argument, 5 times that of its own.
    const tolerance = { absolute: 0, relative: 1e-6 };
    for (const [name, [shape, data]] of Object.entries(expected)) {
      assert.deepEqual([...trace[name].shape], shape, name);
      assertClose(trace[name].data, data, tolerance, name);
    }
    assertClose(trace.products.data, [11, 18], { absolute: 0, relative: 0 }, 'products');
  });

  test('has the weights of the article only when scores are divided by 5.05', () => {
    const { weights } = engine.attention.attend(QUERY, KEY, VALUE, {
      scale: Math.log(4) / 7,
      capture: ['weights'],
    });
    assertClose(weights.data, [0.2, 0.8], { absolute: 1e-6, relative: 0 });
  });

  test('is nearly all the second value without scaling', () => {
    const { weights, output } = engine.attention.attend(QUERY, KEY, VALUE, {
      scale: 1,
      capture: ['weights'],
    });
    assertClose(weights.data, [0.000911051, 0.999088949], { absolute: 1e-6, relative: 0 });
    assertClose(output.data, [8.998177898, 9.998177898], { absolute: 0, relative: 2 ** -22 });
  });
});
