// The groups: problems and contenders that are timed in the same rounds. Any two numbers of a group can be
// compared, since a machine that slows down slows all of them.

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
export const POOL = ['qkv relaxed', 'qkv pool, 1 worker', 'qkv pool, 2 workers'];

export const FUSED = [8, 10, 12].map((accumulators) => ({ loop: 'fused', accumulators }));
const SEPARATE = { loop: 'separate', accumulators: 12 };
const COMPUTING = { unit: 'GFLOP/s', limits: [...FUSED, SEPARATE] };
// Far more than the last-level cache of any machine holds.
const FROM_MEMORY = 256 * 2 ** 20;

const FEW_KEYS = problem({ queries: 1024, keys: 77 });

function square(length, rest) {
  return problem({ queries: length, ...rest });
}
function decode(keys, rest) {
  return problem({ queries: 1, keys, resident: true, ...rest });
}
function decoding(name, keys, rest, more) {
  const given = decode(keys, rest);
  const limits = [workOf(given).bytes, FROM_MEMORY].map((bytes) => ({ loop: 'read', bytes }));
  return { name, unit: 'GB/s', problems: [given], contenders: DECODERS, limits, ...more };
}

/**
 * { name, unit, problems, contenders, limits, quick }[]. `unit` is GFLOP/s, GB/s of keys and values, or µs a
 * call. `limits` are loops of lab/limit. A group with `quick` is part of --quick, with these contenders.
 */
export const GROUPS = [
  ...[128, 512, 1024, 2048].map((length) => ({
    name: `D=64, L=${length}`,
    problems: [square(length)],
    // ruvector would take minutes for longer ones.
    contenders: [...ALL, length === 128 ? 'ruvector' : 'qkv relaxed, out'],
    ...COMPUTING,
    quick: { 512: [...MAIN, ...OTHERS], 2048: MAIN }[length],
  })),
  ...[512, 1024, 2048].map((length) => ({
    name: `D=128, L=${length}`,
    problems: [square(length, { depth: 128 })],
    contenders: [...MAIN, 'qkv relaxed, out'],
    ...COMPUTING,
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
    ...COMPUTING,
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
    quick: POOL,
  })),
];
