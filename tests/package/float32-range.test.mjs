// A finite number beyond float32 is refused wherever a caller may write one; it never becomes Infinity.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

/** The largest float32, and the first double that rounds to more: 2^128 − 2^103. */
const LARGEST = 2 ** 128 - 2 ** 104;
const FIRST_BEYOND = 2 ** 128 - 2 ** 103;
const BEYOND = [1e39, -1e39, FIRST_BEYOND, Number.MAX_VALUE];
const ONE = [[1, 2]];
const two = (x) => [[1, 2], [3, x]]; // biome-ignore format: a matrix

// [what, the argument that the message names, the call]
const PLACES = [
  ['query', 'query[1][1]', (a, x) => a.attend(two(x), ONE, ONE)],
  ['key', 'key[1][1]', (a, x) => a.attend(ONE, two(x), two(0))],
  ['value', 'value[1][1]', (a, x) => a.attend(ONE, two(0), two(x))],
  ['query of rank 4', 'query[0][0][0][1]', (a, x) => a.attend([[[[0, x]]]], [[ONE]], [[ONE]])],
  ['query of a trace', 'query[1][1]', (a, x) => a.trace(two(x), ONE, ONE)],
  ['bias', 'bias[0]', (a, x) => a.attend(ONE, ONE, ONE, { bias: [x] })],
  ['x of rotary', 'x[1][1]', (a, x) => a.rotaryEmbedding(two(x))],
  ['cos', 'cos[0][0]', (a, x) => a.rotaryEmbedding(ONE, { cos: [[x]], sin: [[0]] })],
  [
    'output of a part',
    'parts[0].output[0][1]',
    (a, x) => a.merge([{ output: [[0, x]], logSumExp: [0] }]),
  ],
  [
    'logSumExp of a part',
    'parts[0].logSumExp[0]',
    (a, x) => a.merge([{ output: ONE, logSumExp: [x] }]),
  ],
  ['data of a tensor', 'data[1]', (a, x) => a.tensor([2], [0, x])],
  ['float64 data of a tensor', 'data[1]', (a, x) => a.tensor([2], Float64Array.of(0, x))],
];

forEachVariant('query 1e39 in nested numbers: refused like the same number in bias', (engine) => {
  for (const [what, argument, call] of PLACES)
    test(what, () => {
      const { attention } = engine;
      for (const x of BEYOND)
        assertRefused(attention, () => call(attention, x), {
          code: 'ERR_VALUE',
          argument,
          says: /finite float32/,
        });
    });

  test('rows appended to a cache', () => {
    const { attention } = engine;
    const cache = attention.createKVCache({ heads: 1, depth: 2 });
    const refused = { code: 'ERR_VALUE', argument: 'key[0][1]' };
    assertRefused(attention, () => cache.append([[0, 1e39]], ONE), refused);
    assert.equal(cache.length, 0);
    cache.dispose();
  });

  test('the largest float32 is a number, and Infinity is infinite', () => {
    const { attention } = engine;
    assert.equal(attention.attend(ONE, ONE, [[LARGEST]]).output.data[0], LARGEST);
    assert.deepEqual([...attention.tensor([2], [Infinity, -Infinity]).data], [Infinity, -Infinity]);
    assert.equal(attention.attend(ONE, ONE, [[Infinity]]).output.data[0], Infinity);
  });
});
