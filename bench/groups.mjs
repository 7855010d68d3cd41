// What is measured together. The problems of a group are taken in turn with all its contenders, so that
// any two of its numbers may be compared: a machine that slows down slows all of them.

import { problem, WORKED_EXAMPLE, workOf } from './problems.mjs';

const QKV = ['qkv relaxed', 'qkv simd'];
const OUT = ['qkv relaxed, out', 'qkv simd, out'];
const ONNXRUNTIME = [
  'onnxruntime-web Attention',
  'onnxruntime-web Attention, relaxed',
  'onnxruntime-web MultiHeadAttention',
  'onnxruntime-web MultiHeadAttention, relaxed',
];
const OTHERS = ['jax-js', 'tfjs-backend-wasm', 'plain JavaScript'];
const ALL = [...QKV, 'qkv scalar', ...ONNXRUNTIME, ...OTHERS];
const MAIN = [...QKV, 'onnxruntime-web Attention', 'onnxruntime-web MultiHeadAttention'];
const DECODERS = [...MAIN, ...['onnxruntime-web Attention, constant keys', ...OTHERS]];
const SMALL = [...QKV, 'qkv scalar', 'onnxruntime-web Attention', ...OTHERS, 'ruvector'];
const POOL = ['qkv relaxed', 'qkv pool, 1 worker', 'qkv pool, 2 workers'];

const FUSED = [8, 10, 12].map((accumulators) => ({ loop: 'fused', accumulators }));
const SEPARATE = { loop: 'separate', accumulators: 12 };
const COMPUTING = { unit: 'GFLOP/s', limits: [...FUSED, SEPARATE] };
const TILES = ['fused 2 × 6', 'separate 2 × 4', 'separate 3 × 3'];
// Far more than the last cache of a machine holds.
const FAR = 256 * 2 ** 20;

const FEW_KEYS = problem({ queries: 1024, keys: 77 });

function square(length, rest) {
  return problem({ queries: length, ...rest });
}
/** The limits of computing, and what bare attention has of some of a group's problems. */
function computing(...problems) {
  const bare = problems.flatMap((given) => bareOf(given, TILES));
  return { ...COMPUTING, limits: [...COMPUTING.limits, ...bare] };
}
function bareOf(given, tiles) {
  return tiles.map((tile) => ({ loop: 'bare', tile, problem: given }));
}
/** Beside a pool of workers: threads that compute as long as a call, and threads with bare attention. */
function onThreads(given) {
  const loops = [
    { ...FUSED[2], runs: 2000 * given.heads },
    { loop: 'bare', tile: TILES[0], problem: given },
  ];
  return loops.flatMap((loop) => [1, 2].map((threads) => ({ ...loop, threads })));
}
function decode(keys, rest) {
  return problem({ queries: 1, keys, resident: true, ...rest });
}
function decoding(name, keys, rest, more) {
  const given = decode(keys, rest);
  const reading = [workOf(given).bytes, FAR].map((bytes) => ({ loop: 'read', bytes }));
  // Grouped heads share what is read: bare attention has none.
  const bare = given.heads === given.keyHeads ? bareOf(given, TILES.slice(0, 2)) : [];
  const limits = [...reading, ...bare];
  return { name, unit: 'GB/s', problems: [given], contenders: DECODERS, limits, ...more };
}

/**
 * { name, unit, problems, contenders, limits, quick }[]: the unit of its rates ('GFLOP/s', 'GB/s' of keys
 * and values) or times ('µs'); `quick`, if it is part of --quick, are the contenders there.
 */
export const GROUPS = [
  ...[128, 512, 1024, 2048].map((length) => ({
    name: `D=64, L=${length}`,
    problems: [square(length)],
    // ruvector takes minutes for more.
    contenders: [...ALL, length === 128 ? 'ruvector' : 'qkv relaxed, out'],
    ...computing(square(length)),
    quick: { 512: [...MAIN, ...OTHERS], 2048: MAIN }[length],
  })),
  ...[512, 1024, 2048].map((length) => ({
    name: `D=128, L=${length}`,
    problems: [square(length, { depth: 128 })],
    contenders: [...MAIN, 'qkv relaxed, out'],
    ...computing(square(length, { depth: 128 })),
  })),
  ...[512, 1024].map((length) => ({
    name: `depths, L=${length}`,
    problems: [64, 40, 80, 96].map((depth) => square(length, { depth })),
    contenders: [...QKV, 'onnxruntime-web Attention'],
    ...COMPUTING,
  })),
  {
    name: 'lengths',
    problems: [
      square(512),
      square(333),
      square(777),
      FEW_KEYS,
      problem({ queries: 96, keys: 1500 }),
    ],
    contenders: [...QKV, ...OUT, 'onnxruntime-web Attention'],
    ...computing(square(512), FEW_KEYS),
  },
  {
    name: 'causal',
    problems: [square(2048), square(2048, { options: ['causal'] })],
    contenders: [...QKV, 'onnxruntime-web Attention'],
    ...COMPUTING,
    quick: QKV,
  },
  {
    name: 'options',
    problems: [[], ['mask'], ['bias'], ['softcap'], ['alibi']].map((options) =>
      square(1024, { options }),
    ),
    contenders: [...QKV, 'onnxruntime-web Attention'],
    ...COMPUTING,
    quick: QKV,
  },
  {
    name: 'grouped heads',
    problems: [square(512), square(512, { keyHeads: 2 })],
    contenders: [...QKV, 'onnxruntime-web Attention'],
    ...COMPUTING,
  },
  decoding('decode, 1k keys', 1024),
  decoding('decode, 4k keys', 4096),
  decoding('decode, 16k keys', 16384, {}, { quick: MAIN }),
  decoding('grouped decode, 4k keys', 4096, { heads: 32, keyHeads: 8 }),
  decoding('grouped decode, 16k keys', 16384, { heads: 32, keyHeads: 8 }),
  {
    name: 'worked example',
    unit: 'µs',
    problems: [WORKED_EXAMPLE],
    contenders: SMALL,
    limits: [],
    quick: SMALL,
  },
  ...[8, 1].map((heads) => ({
    name: `pool, H=${heads}`,
    problems: [square(2048, { heads })],
    contenders: POOL,
    ...COMPUTING,
    limits: [...COMPUTING.limits, ...onThreads(square(2048, { heads }))],
    quick: POOL,
  })),
];
