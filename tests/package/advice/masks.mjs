// Masks that are biases, biases that are masks, and shapes that do not broadcast.

import { attend, codeIn, KEY, QUERY, reference, VALUE, where } from './setting.mjs';

const [H, L, S] = [2, 2, 4];
const BITS = [1, 0, 1, 1];
const masked = where((_i, j) => BITS[j] === 1);
const ADDED = [0, -10000, 0.5, 1];
const biased = reference({ bias: { data: ADDED, shape: [S] } });

const option = (name, given, ways, expected) => ({
  name,
  given: (setting) => attend(setting, given),
  ways: Object.fromEntries(
    Object.entries(ways).map(([way, options]) => [
      way,
      (setting, error) => attend(setting, typeof options === 'function' ? options(error) : options),
    ]),
  ),
  expected,
});
const vector = (data) => ({ data, shape: [S] });
/** The data that the code at `index` in the advice makes. */
const converted = (data, index) => (error) => vector(codeIn(error, { data })[index]);
const asMask = (convert) => (error) => ({ mask: convert(error) });
const asBias = (convert) => (error) => ({ bias: convert(error) });

const PADDED = [
  [1, 1, 1, 0],
  [1, 1, 0, 0],
];

const LEFT = [
  [0, 1, 1, 1],
  [0, 0, 1, 1],
];
/** The shape in advice, with its numbers. */
const shapeIn = ({ fix }) => JSON.parse(fix.match(/shape (?:is )?(\[[^\]]+\])/)[1]);

// Three batch elements: with two the first axis would be taken for that of queries or heads.
const three = ({ data, shape: [, ...rest] }) => ({
  data: Float32Array.of(...data, ...data.subarray(0, data.length / 2)),
  shape: [3, ...rest],
});
const [Q3, K3, V3] = [QUERY, KEY, VALUE].map(three);
const pattern = (count) => Uint8Array.from({ length: count }, (_, i) => (i * i + (i >> 1)) & 1);
const ofThree = (name, mask, full) => ({
  name,
  given: ({ attention }) => attention.attend(Q3, K3, V3, { mask }),
  ways: {
    'the shape': ({ attention }, error) =>
      attention.attend(Q3, K3, V3, { mask: { ...mask, shape: shapeIn(error) } }).output.data,
  },
  expected: reference({ mask: full }, [Q3, K3, V3]),
});

export const CASES = [
  option(
    'a float mask that is added',
    { mask: vector(Float32Array.from(ADDED)) },
    { bias: { bias: vector(Float32Array.from(ADDED)) } },
    biased,
  ),
  option(
    'a float64 mask of −∞',
    { mask: vector(Float64Array.from(BITS, (bit) => (bit ? 0 : -Infinity))) },
    { bias: { bias: vector(Float64Array.from(BITS, (bit) => (bit ? 0 : -Infinity))) } },
    masked,
  ),
  option(
    'a float mask of 0 and 1: bits',
    { mask: vector(Float32Array.from(BITS)) },
    { code: asMask(converted(Float32Array.from(BITS), 0)) },
    masked,
  ),
  option(
    'a float mask of 0: added',
    { mask: vector(new Float32Array(S)) },
    { bias: { bias: vector(new Float32Array(S)) } },
    reference({}),
  ),
  option(
    'nested numbers that are added',
    { mask: [[ADDED]] },
    { bias: { bias: [[ADDED]] } },
    biased,
  ),
  option(
    'nested zeros that are added',
    { mask: [[0, 0, 0, 0]] },
    { bias: { bias: [[0, 0, 0, 0]] } },
    reference({}),
  ),
  option(
    'nested zeros that exclude every key',
    { mask: [[0, 0, 0, 0]] },
    { false: { mask: [[false, false, false, false]] } },
    new Array(QUERY.data.length).fill(0),
  ),
  option(
    'nested numbers above 1',
    { mask: [255, 0, 255, 255] },
    { booleans: { mask: [255, 0, 255, 255].map(Boolean) } },
    masked,
  ),
  ...[Int32Array.of(255, 0, 255, 255), BigInt64Array.of(-1n, 0n, -1n, -1n)].map((data) =>
    option(
      `${data.constructor.name} where any number but 0 attends`,
      { mask: vector(data) },
      { code: asMask(converted(data, 0)) },
      masked,
    ),
  ),
  ...[Int32Array.of(0, -10000, 0, 1), BigInt64Array.of(0n, -10000n, 0n, 1n)].map((data) =>
    option(
      `${data.constructor.name} that is added`,
      { mask: vector(data) },
      { code: asBias(converted(data, 1)) },
      reference({ bias: { data: [0, -10000, 0, 1], shape: [S] } }),
    ),
  ),
  option(
    'a DataView of bytes',
    { mask: vector(new DataView(Uint8Array.of(9, ...BITS).buffer, 1)) },
    { code: asMask(converted(new DataView(Uint8Array.of(9, ...BITS).buffer, 1), 0)) },
    masked,
  ),
  option(
    "'causal' of MLX",
    { mask: 'causal' },
    { isCausal: { isCausal: true, queryOffset: 'end' } },
    where((i, j) => j <= i + S - L),
  ),
  option(
    'a bias of booleans',
    { bias: BITS.map(Boolean) },
    { mask: { mask: BITS.map(Boolean) } },
    masked,
  ),
  option(
    'a bias of the integers 0 and 1: bits',
    { bias: vector(Uint8Array.from(BITS)) },
    { mask: { mask: vector(Uint8Array.from(BITS)) } },
    masked,
  ),
  option(
    'a bias of the integers 0 and 1: added',
    { bias: vector(BigInt64Array.from(BITS, BigInt)) },
    { code: asBias(converted(BigInt64Array.from(BITS, BigInt), 0)) },
    reference({ bias: { data: BITS, shape: [S] } }),
  ),

  ofThree(
    'padding [B, S] at the start',
    { data: Uint8Array.from([...LEFT, [1, 1, 1, 1]].flat()), shape: [3, S] },
    { data: [...LEFT, [1, 1, 1, 1]].flat(), shape: [3, 1, 1, S] },
  ),
  ofThree(
    'padding [B, S] at the end: the shape',
    { data: Uint8Array.from([...PADDED, [0, 0, 0, 0]].flat()), shape: [3, S] },
    { data: [...PADDED, [0, 0, 0, 0]].flat(), shape: [3, 1, 1, S] },
  ),
  {
    ...ofThree(
      'padding [B, S] at the end: keyLengths',
      { data: Uint8Array.from([...PADDED, [0, 0, 0, 0]].flat()), shape: [3, S] },
      { data: [...PADDED, [0, 0, 0, 0]].flat(), shape: [3, 1, 1, S] },
    ),
    ways: {
      keyLengths: ({ attention }, { fix }) => {
        const keyLengths = JSON.parse(fix.match(/keyLengths: (\[[^\]]+\])/)[1]);
        return attention.attend(Q3, K3, V3, { keyLengths }).output.data;
      },
    },
  },
  ofThree(
    'a mask [B, L, S]',
    { data: pattern(3 * L * S), shape: [3, L, S] },
    { data: pattern(3 * L * S), shape: [3, 1, L, S] },
  ),
  ofThree(
    'a mask [B·H, L, S] of nn.MultiheadAttention',
    { data: pattern(3 * H * L * S), shape: [3 * H, L, S] },
    { data: pattern(3 * H * L * S), shape: [3, H, L, S] },
  ),
];
