// Wrong queries, keys, values, masks and biases: each row is refused.

import { test } from 'node:test';
import { assertRefused } from './refusal.mjs';
import { forEachVariant } from './variants.mjs';

const f32 = (count) => new Float32Array(count);
const zeros = (...shape) => ({ data: f32(shape.reduce((a, b) => a * b, 1)), shape });
const shaped = (...shape) => ({ data: f32(2), shape });
const cyclic = [];
cyclic.push(cyclic);

// [name, the given input, code, argument after the operand's name, text of the message]
const ANY_TENSOR = [
  ['null', null, 'ERR_TYPE', '', /null/],
  ['undefined', undefined, 'ERR_TYPE', '', /undefined/],
  ['a number', 5, 'ERR_TYPE', '', /5/],
  ['a string', 'rows', 'ERR_TYPE', '', /"rows"/],
  ['a long string', 'x'.repeat(1e6), 'ERR_TYPE', '', /…/],
  ['a boolean', true, 'ERR_TYPE', '', /true/],
  ['a bigint', 5n, 'ERR_TYPE', '', /bigint/],
  ['a symbol', Symbol('q'), 'ERR_TYPE', '', /symbol/],
  ['a function', () => [[1, 2]], 'ERR_TYPE', '', /function/],
  ['an array without a shape', Uint8Array.of(1, 1), 'ERR_TYPE', '', /shape/],
  ['a DataView', new DataView(new ArrayBuffer(8)), 'ERR_TYPE', '', /DataView/],
  ['an ArrayBuffer', new ArrayBuffer(8), 'ERR_TYPE', '.data', /undefined/],
  ['an empty object', {}, 'ERR_TYPE', '.data', /undefined/],
  ['an array for data', { data: [1, 2], shape: [1, 2] }, 'ERR_TYPE', '.data', /\[1, 2\]/],
  ['a string for data', { data: '12', shape: [1, 2] }, 'ERR_TYPE', '.data', /"12"/],
  [
    '64-bit floats past float32',
    { data: Float64Array.of(1, 3.5e38), shape: [1, 2] },
    'ERR_VALUE',
    '.data[1]',
    /finite float32.*3\.5e\+38/,
  ],
  [
    'bare 16-bit integers',
    { data: Uint16Array.of(0x3c00, 0x4000), shape: [1, 2] },
    'ERR_TYPE',
    '.data',
    /type: 'float16'.*new Float16Array\(/,
  ],
  [
    'float16 too short',
    { data: Uint16Array.of(0x3c00), shape: [1, 2], type: 'float16' },
    'ERR_SHAPE',
    '.data',
    /2 elements.*1/,
  ],
  ['rows of integers', [Int32Array.of(1, 2)], 'ERR_TYPE', '[0]', /Int32Array/],
  ['rows of bytes', [Buffer.alloc(8), Buffer.alloc(8)], 'ERR_TYPE', '[0]', /Uint8Array/],
  ['typed rows that are ragged', [f32(2), f32(3)], 'ERR_SHAPE', '[1]', /ragged/],
  [
    'a shape and other dims',
    { data: f32(2), shape: [1, 2], dims: [2, 1] },
    'ERR_SHAPE',
    '.dims',
    /\[2, 1\]/,
  ],
  ['integers', { data: Int32Array.of(1, 2), shape: [1, 2] }, 'ERR_TYPE', '.data', /Int32Array/],
  ['bigints', { data: BigInt64Array.of(1n, 2n), shape: [1, 2] }, 'ERR_TYPE', '.data', /BigInt64/],
  [
    'clamped bytes',
    { data: Uint8ClampedArray.of(1), shape: [1, 1] },
    'ERR_TYPE',
    '.data',
    /Clamped/,
  ],
  [
    'a tag that lies',
    { data: { [Symbol.toStringTag]: 'Float32Array' }, shape: [1, 2] },
    'ERR_TYPE',
    '.data',
  ],
  ['ragged rows', [[1, 2], [3]], 'ERR_SHAPE', '[1]', /ragged/],
  ['a row that is missing', [[1, 2], 3], 'ERR_SHAPE', '[1]'],
  ['a row too deep', [1, [2]], 'ERR_SHAPE', '[1]'],
  ['five dimensions', [[[[[1]]]]], 'ERR_SHAPE', '', /4 dimensions/],
  ['an array in itself', cyclic, 'ERR_SHAPE', '', /4 dimensions/],
  ['strings', [['1', '2']], 'ERR_TYPE', '[0][0]', /"1"/],
  ['nulls', [[null, null]], 'ERR_TYPE', '[0][0]', /null/],
  ['a hole', [[1, 2], new Array(2)], 'ERR_TYPE', '[1][0]', /undefined/],
  ['a bigint inside', [[1n]], 'ERR_TYPE', '[0][0]', /bigint/],
];

// [name, shape given with two elements, code, text of the message]
const ANY_SHAPE = [
  ['no shape', undefined, 'ERR_TYPE', /undefined/],
  ['a number', 2, 'ERR_TYPE', /2/],
  ['a string', '12', 'ERR_TYPE', /"12"/],
  ['an object', { length: 2, 0: 1, 1: 2 }, 'ERR_TYPE', /object/],
  ['NaN', [Number.NaN, 2], 'ERR_SHAPE', /NaN/],
  ['a negative dimension', [-1, -2], 'ERR_SHAPE', /-1/],
  ['a fraction', [1.5, 2], 'ERR_SHAPE', /1\.5/],
  ['Infinity', [Infinity, 2], 'ERR_SHAPE', /Infinity/],
  ['strings', ['1', '2'], 'ERR_SHAPE', /"1"/],
  ['a bigint', [1n, 2n], 'ERR_SHAPE', /bigint/],
  ['null', [null, 2], 'ERR_SHAPE', /null/],
  ['holes', new Array(2), 'ERR_SHAPE', /undefined/],
  ['itself', cyclic, 'ERR_SHAPE'],
  ['70000 × 70000, which wraps in 32 bits', [70000, 70000], 'ERR_SIZE', /4900000000 elements/],
  ['just past 2³¹', [46341, 46341], 'ERR_SIZE', /2147488281/],
  ['2³² × 1', [2 ** 32, 1], 'ERR_SIZE', /4294967296/],
  ['a product past 2⁵³', [2 ** 30, 2 ** 30], 'ERR_SIZE'],
  ['0 × 2⁴⁰', [0, 2 ** 40], 'ERR_SIZE'],
  ['1e300', [1e300, 1], 'ERR_SIZE'],
];

const ONE = [[3, 4]];
const TWO = [
  [1, 2],
  [2, 3],
];

// [name, query, key, value, options, code, argument, text of the message]
const TOGETHER = [
  ['two elements too few', shaped(2, 2), TWO, TWO, {}, 'ERR_SHAPE', 'query.data', /4 .* 2/],
  [
    'one too many',
    ONE,
    { data: f32(5), shape: [2, 2] },
    TWO,
    {},
    'ERR_SHAPE',
    'key.data',
    /4 .* 5/,
  ],
  ['rank 0', { data: f32(1), shape: [] }, TWO, TWO, {}, 'ERR_SHAPE', 'query.shape'],
  ['rank 1', [1, 2], TWO, TWO, {}, 'ERR_SHAPE', 'query.shape', /\[L, D\]/],
  ['rank 1, empty', [], TWO, TWO, {}, 'ERR_SHAPE', 'query.shape'],
  ['rank 5', zeros(1, 1, 1, 1, 2), TWO, TWO, {}, 'ERR_SHAPE', 'query.shape', /\[B, H, L, D\]/],
  [
    "rank 1, 'blhd'",
    [1, 2],
    TWO,
    TWO,
    { layout: 'blhd' },
    'ERR_SHAPE',
    'query.shape',
    /\[B, L, H, D\]/,
  ],
  ['ranks differ', ONE, [TWO], [TWO], {}, 'ERR_SHAPE', 'key', /rank 2/],
  ['depths differ', ONE, [[1, 2, 3]], [[1]], {}, 'ERR_SHAPE', 'key', /2.*3/],
  ['rows differ', ONE, TWO, [[1]], {}, 'ERR_SHAPE', 'value', /2.*1/],
  ['depth 0', zeros(2, 0), zeros(3, 0), zeros(3, 1), {}, 'ERR_SHAPE', 'query', /at least 1/],
  ['depth 0, nested', [[]], [[]], [[1]], {}, 'ERR_SHAPE', 'query'],
  [
    'batches differ',
    zeros(3, 1, 1, 2),
    zeros(2, 1, 3, 2),
    zeros(2, 1, 3, 2),
    {},
    'ERR_SHAPE',
    'key',
    /batch 3.* or 1/,
  ],
  [
    'batch of the value',
    zeros(2, 1, 1, 2),
    zeros(1, 1, 3, 2),
    zeros(3, 1, 3, 2),
    {},
    'ERR_SHAPE',
    'value',
    /batch 2/,
  ],
  [
    'a query with a batch of 1 for several keys',
    zeros(1, 1, 1, 2),
    zeros(2, 1, 3, 2),
    zeros(2, 1, 3, 2),
    {},
    'ERR_SHAPE',
    'key',
    /batch 1/,
  ],
  [
    'heads of the value',
    zeros(4, 1, 2),
    zeros(2, 3, 2),
    zeros(4, 3, 2),
    {},
    'ERR_SHAPE',
    'value',
    /heads 2/,
  ],
  [
    'heads do not divide',
    zeros(3, 1, 2),
    zeros(2, 1, 2),
    zeros(2, 1, 2),
    {},
    'ERR_SHAPE',
    'key',
    /3.*2/,
  ],
  ['more key heads', zeros(2, 1, 2), zeros(4, 1, 2), zeros(4, 1, 2), {}, 'ERR_SHAPE', 'key'],
  ['no key heads', zeros(2, 1, 2), zeros(0, 1, 2), zeros(0, 1, 2), {}, 'ERR_SHAPE', 'key'],
  ['depth past 2²²', zeros(1, 2 ** 22 + 1), zeros(1, 2 ** 22 + 1), [[1]], {}, 'ERR_SIZE', 'query'],
  ['output past 2³¹', zeros(40_000, 1), [[1]], zeros(1, 100_000), {}, 'ERR_SIZE', 'value'],
  [
    'output past the memory',
    zeros(20_000, 1),
    [[1]],
    zeros(1, 100_000),
    {},
    'ERR_SIZE',
    'memory',
    /80\d{8} bytes/,
  ],
  [
    'a bias with NaN behind 5000 values',
    ONE,
    zeros(5001, 2),
    zeros(5001, 1),
    { bias: { data: f32(5001).fill(Number.NaN, 5000), shape: [5001] } },
    'ERR_VALUE',
    'bias.data[5000]',
    /NaN/,
  ],
  [
    'weights past the memory',
    zeros(40_000, 1),
    zeros(40_000, 1),
    zeros(40_000, 1),
    { capture: ['weights'] },
    'ERR_SIZE',
    'memory',
    /64\d{8} bytes/,
  ],
];

// [name, options, code, argument, text of the message]; L = 1, S = 2.
const MASKS = [
  ['mask of added numbers', { mask: [[0, -1e4]] }, 'ERR_VALUE', 'mask[0][1]', /-10000.*as bias/],
  ['mask of zeros, which may be added', { mask: [[0, 0]] }, 'ERR_VALUE', 'mask', /bias.*false/],
  ['mask of twos', { mask: [[2, 0]] }, 'ERR_VALUE', 'mask[0][0]', /2.*booleans/],
  ['mask of strings', { mask: [['1', '0']] }, 'ERR_TYPE', 'mask[0][0]', /boolean/],
  ['mask of typed rows', { mask: [Int8Array.of(1, -1)] }, 'ERR_VALUE', 'mask[0][1]', /-1/],
  ['mask with 2', { mask: { data: Int32Array.of(1, 2), shape: [2] } }, 'ERR_VALUE', 'mask.data[1]'],
  [
    'mask of bigints with -1',
    { mask: { data: BigInt64Array.of(1n, -1n), shape: [2] } },
    'ERR_VALUE',
    'mask.data[1]',
    /-1n/,
  ],
  [
    'mask of a DataView',
    { mask: { data: new DataView(new ArrayBuffer(2)), shape: [2] } },
    'ERR_TYPE',
    'mask.data',
    /byteOffset/,
  ],
  ["mask: 'causal'", { mask: 'causal' }, 'ERR_TYPE', 'mask', /isCausal/],
  [
    'mask of integers too short',
    { mask: { data: BigInt64Array.of(1n), shape: [2] } },
    'ERR_SHAPE',
    'mask.data',
    /2 elements.*1/,
  ],
  [
    'mask of floats',
    { mask: { data: f32(2), shape: [2] } },
    'ERR_TYPE',
    'mask.data',
    /Float32Array/,
  ],
  ['mask, ragged', { mask: [[true, true], [true]] }, 'ERR_SHAPE', 'mask[1]', /ragged/],
  ['mask of 3 keys', { mask: [true, true, true] }, 'ERR_SHAPE', 'mask', /S.*2.*3/],
  ['mask of 2 queries', { mask: [[true], [true]] }, 'ERR_SHAPE', 'mask', /L.*1.*2/],
  [
    'mask of 2 heads',
    { mask: { data: new Uint8Array(2), shape: [2, 1, 1] } },
    'ERR_SHAPE',
    'mask',
    /H/,
  ],
  [
    'mask of 2 batches',
    { mask: { data: new Uint8Array(2), shape: [2, 1, 1, 1] } },
    'ERR_SHAPE',
    'mask',
    /B/,
  ],
  ['mask of rank 0', { mask: { data: new Uint8Array(1), shape: [] } }, 'ERR_SHAPE', 'mask.shape'],
  [
    'mask of rank 5',
    { mask: { data: new Uint8Array(1), shape: [1, 1, 1, 1, 1] } },
    'ERR_SHAPE',
    'mask.shape',
  ],
  ['mask of no keys', { mask: [] }, 'ERR_SHAPE', 'mask'],
  [
    'mask too short',
    { mask: { data: new Uint8Array(1), shape: [1, 2] } },
    'ERR_SHAPE',
    'mask.data',
  ],
  [
    'mask, 70000²',
    { mask: { data: new Uint8Array(1), shape: [70000, 70000] } },
    'ERR_SIZE',
    'mask.shape',
  ],
  ['mask: null', { mask: null }, 'ERR_TYPE', 'mask'],
  ['bias of booleans', { bias: [true, false] }, 'ERR_TYPE', 'bias[0]', /number.*as mask/],
  [
    'bias of bytes',
    { bias: { data: new Uint8Array(2), shape: [2] } },
    'ERR_TYPE',
    'bias.data',
    /Uint8Array/,
  ],
  ['bias of 3 keys', { bias: [0, 0, 0] }, 'ERR_SHAPE', 'bias', /S.*2.*3/],
  ['bias with NaN', { bias: [0, Number.NaN] }, 'ERR_VALUE', 'bias.data[1]', /NaN/],
  ['bias with Infinity', { bias: [Infinity, 0] }, 'ERR_VALUE', 'bias.data[0]', /Infinity/],
  ['bias past float32', { bias: [1e39, 0] }, 'ERR_VALUE', 'bias[0]', /1e\+39/],
  ['bias below float32', { bias: [[0, -1e39]] }, 'ERR_VALUE', 'bias[0][1]', /-1e\+39/],
  ['bias too long', { bias: { data: f32(3), shape: [2] } }, 'ERR_SHAPE', 'bias.data'],
  ['bias: null', { bias: null }, 'ERR_TYPE', 'bias'],
];

forEachVariant('inputs refused', (engine) => {
  const refuse = (name, call, expected) =>
    test(name, () => assertRefused(engine.attention, () => call(engine.attention), expected));

  ['query', 'key', 'value'].forEach((operand, position) => {
    const withGiven = (given) => [ONE, TWO, TWO].with(position, given);
    for (const [name, given, code, part, says] of ANY_TENSOR) {
      const expected = { code, argument: operand + part, says };
      refuse(`${operand}: ${name}`, (a) => a.attend(...withGiven(given)), expected);
    }
    for (const [name, shape, code, says] of ANY_SHAPE) {
      const expected = { code, argument: `${operand}.shape`, says };
      refuse(
        `shape of ${operand}: ${name}`,
        (a) => a.attend(...withGiven({ data: f32(2), shape })),
        expected,
      );
    }
  });
  for (const [name, query, key, value, options, code, argument, says] of TOGETHER) {
    refuse(name, (a) => a.attend(query, key, value, options), { code, argument, says });
    if (options.capture) continue; // not an option of trace()
    refuse(`trace: ${name}`, (a) => a.trace(query, key, value, options), { code, argument });
  }
  for (const [name, options, code, argument, says] of MASKS)
    refuse(name, (a) => a.attend(ONE, TWO, TWO, options), { code, argument, says });
});
