// Wrong arguments of tensor(): each row is refused.

import { test } from 'node:test';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

// [name, arguments of tensor(), code, argument, text of the message]
const TENSORS = [
  ['no shape', [], 'ERR_TYPE', 'tensor.shape'],
  ['a number', [2], 'ERR_TYPE', 'tensor.shape'],
  ['NaN', [[Number.NaN]], 'ERR_SHAPE', 'tensor.shape', /NaN/],
  ['-1', [[-1]], 'ERR_SHAPE', 'tensor.shape', /-1/],
  ['2³¹ elements', [[2 ** 31]], 'ERR_SIZE', 'tensor.shape'],
  ['4 GiB', [[2 ** 30]], 'ERR_SIZE', 'memory', /4294967296 bytes/],
  ['data too short', [[2], [1]], 'ERR_SHAPE', 'data', /2.*1/],
  ['data too long', [[2], new Float32Array(3)], 'ERR_SHAPE', 'data', /2.*3/],
  ['data: null', [[1], null], 'ERR_TYPE', 'data', /null/],
  ['a number for data', [[1], 5], 'ERR_TYPE', 'data', /5/],
  ['a string for data', [[1], '5'], 'ERR_TYPE', 'data', /"5"/],
  ['bigints', [[1], BigInt64Array.of(1n)], 'ERR_TYPE', 'data', /BigInt64Array/],
  ['a bigint inside', [[2], [1, 1n]], 'ERR_TYPE', 'data[1]', /bigint/],
  ['a string inside', [[1], ['1']], 'ERR_TYPE', 'data[0]', /"1"/],
  ['a hole', [[1], new Array(1)], 'ERR_TYPE', 'data[0]', /undefined/],
  ['rows inside', [[1], [[1]]], 'ERR_TYPE', 'data[0]'],
];

forEachVariant('tensor() refused', (engine) => {
  for (const [name, given, code, argument, says] of TENSORS) {
    test(name, () => {
      const { attention } = engine;
      assertRefused(attention, () => attention.tensor(...given), { code, argument, says });
    });
  }
});
