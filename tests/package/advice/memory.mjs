// Calls that need more memory than there is.

import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { WORKED_OUTPUT, work } from './setting.mjs';

const MIB = 2 ** 20;
const rows = (count, fill) => ({ data: new Float32Array(count).fill(fill), shape: [count, 1] });
/** Of equal keys the output is the mean of the values: 1. A few numbers of it. */
const few = ({ data }) => data.subarray(0, 8);
const ONES = new Array(8).fill(1);
const small = (maxMemory) => createAttention({ maxMemory });

/** 4096² weights take 64 MiB. */
const manyWeights = (attention, queries = 4096) =>
  attention.attend(rows(queries, 0), rows(4096, 0), rows(4096, 1), { capture: ['weights'] });

const withoutWeights = (attention) => attention.attend(rows(2048, 0), rows(4096, 0), rows(4096, 1));

/** 8 heads of 4096 keys: 128 MiB of weights, 16 MiB for each head. */
const heads = (count, fill) => ({ ...rows(8 * count, fill), shape: [8, count, 1] });
const manyHeads = (attention) =>
  attention.attend(heads(1024, 0), heads(4096, 0), heads(4096, 1), { capture: ['weights'] });

/** 20000 queries and values of depth 100000: the output would take 8 GB. */
const wide = { data: new Float32Array(100_000).fill(1), shape: [1, 100_000] };
const manyOutputs = (attention, queries) => attention.attend(rows(queries, 0), [[1]], wide);

/** The engine refuses to grow memory while `run` runs. */
function withoutGrowth(run) {
  const { grow } = WebAssembly.Memory.prototype;
  WebAssembly.Memory.prototype.grow = () => {
    throw new RangeError('no memory');
  };
  try {
    return run();
  } finally {
    WebAssembly.Memory.prototype.grow = grow;
  }
}

/** The engine has no room for results while `run` runs: a Float32Array that copies one fails. */
function withoutRoom(run) {
  const Original = globalThis.Float32Array;
  globalThis.Float32Array = new Proxy(Original, {
    construct(target, given, newTarget) {
      if (ArrayBuffer.isView(given[0])) throw new RangeError('Array buffer allocation failed');
      return Reflect.construct(target, given, newTarget);
    },
  });
  try {
    return run();
  } finally {
    globalThis.Float32Array = Original;
  }
}

/** An instance with a tensor of 48 MiB, and room for a small call. */
async function filled(maxMemory) {
  const attention = await small(maxMemory);
  manyWeights(attention, 4);
  return { attention, tensor: attention.tensor([12 * MIB]) };
}
/** 32 MiB of weights. */
const half = (attention) => few(manyWeights(attention, 2048).output);
const disposed = (maxMemory, run) => async () => {
  const { attention, tensor } = await filled(maxMemory);
  tensor.dispose();
  return run(() => half(attention));
};
const now = (call) => call();

export const CASES = [
  {
    name: 'more than maxMemory',
    given: async () => manyWeights(await small(24 * MIB)),
    ways: {
      'maxMemory raised': async () => few(manyWeights(await small(128 * MIB)).output),
      'capture less': async () => few(withoutWeights(await small(24 * MIB)).output),
      'split by queries': async () => few(manyWeights(await small(24 * MIB), 128).output),
    },
    expected: ONES,
  },
  {
    name: 'more than maxMemory, in several heads',
    given: async () => manyHeads(await small(24 * MIB)),
    ways: {
      'qkv/pool': async () => {
        const pool = await createAttentionPool({ maxMemory: 24 * MIB, workers: 2 });
        const { output } = await manyHeads(pool);
        pool.dispose();
        return few(output);
      },
    },
    expected: ONES,
  },
  {
    name: 'more than maxMemory beside a tensor',
    given: async () => half((await filled(64 * MIB)).attention),
    ways: { 'disposed of': disposed(64 * MIB, now) },
    expected: ONES,
  },
  {
    name: 'more than WebAssembly addresses',
    given: ({ attention }) => manyOutputs(attention, 20_000),
    ways: {
      'split by queries': ({ attention }) => few(manyOutputs(attention, 10).output),
    },
    expected: ONES,
  },
  {
    name: 'memory that cannot grow',
    given: async () => {
      const { attention } = await filled(256 * MIB);
      return withoutGrowth(() => half(attention));
    },
    ways: {
      'disposed of': disposed(256 * MIB, withoutGrowth),
      'capture less': async () => {
        const { attention } = await filled(256 * MIB);
        return withoutGrowth(() => few(withoutWeights(attention).output));
      },
      'split by queries': async () => {
        const { attention } = await filled(256 * MIB);
        const part = () => [...manyWeights(attention, 2).output.data];
        return withoutGrowth(() => [part(), part(), part(), part()].flat());
      },
    },
    expected: ONES,
  },
  {
    name: 'an engine without room for the result',
    given: ({ attention }) => withoutRoom(() => work(attention)),
    ways: {
      'results dropped': ({ attention }) => work(attention),
      out: ({ attention }) => {
        const out = new Float32Array(2);
        const worked = [[[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]]; // biome-ignore format: matrices
        return withoutRoom(() => attention.attend(...worked, { out }).output.data);
      },
    },
    expected: WORKED_OUTPUT,
  },
];
