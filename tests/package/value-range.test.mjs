// An output is a mean of the values that its row attends, so it lies within their range, at any number of keys.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forEachVariant } from './variants.mjs';

const THIRD = Math.fround(1 / 3);
/** Two units in the last place of a third. */
const TWO_ULP = 2 * 2 ** -25;

/** As many rows of depth 4, equal but for one key. */
const rows = (count, number, unlike = number) => {
  const data = new Float32Array(count * 4).fill(number);
  data.fill(unlike, 4 * (count >> 1), 4 * (count >> 1) + 4);
  return { data, shape: [count, 4] };
};

function assertThirds({ output }, what) {
  for (const number of output.data)
    assert.ok(Math.abs(number - THIRD) <= TWO_ULP, `${what}: ${number} instead of ${THIRD}`);
}

forEachVariant('values that are all 1/3', (engine) => {
  for (const queries of [1, 3, 50])
    test(`${queries} queries, 480 keys, one unlike the rest`, () => {
      for (const unlike of [-3, 0, 0.9, 1.1, 3, 40]) {
        const key = rows(480, 1, unlike);
        const result = engine.attention.attend(rows(queries, 1), key, rows(480, THIRD));
        assertThirds(result, `a key of ${unlike}`);
      }
    });

  for (const queries of [1, 3, 50])
    test(`${queries} queries, 2²⁰ keys`, () => {
      const keys = 2 ** 20;
      for (const unlike of [1, 1.1]) {
        const key = rows(keys, 1, unlike);
        const result = engine.attention.attend(rows(queries, 1), key, rows(keys, THIRD));
        assertThirds(result, `a key of ${unlike}`);
      }
    });

  test('2²⁰ equal keys: weights sum to 1, and halves of 0 and 1 have the mean of 1/2', () => {
    const keys = 2 ** 20;
    const value = rows(keys, 0);
    value.data.fill(1, 2 * keys);
    const [query, key] = [rows(1, 1), rows(keys, 1)];
    const capture = ['rowMax', 'rowSum'];
    const { output, rowMax, rowSum } = engine.attention.attend(query, key, value, { capture });
    for (const number of output.data) assert.ok(Math.abs(number - 0.5) <= 1e-6, `${number}`);
    assert.equal(rowMax.data[0], 2); // four products of 1, times 1/√4
    assert.ok(Math.abs(rowSum.data[0] / keys - 1) <= 1e-6, `${rowSum.data[0]}`);
  });
});
