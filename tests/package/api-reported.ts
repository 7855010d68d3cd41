// What users of such libraries reported as not compiling although it runs: compiled by types-versions.test.mjs
// as a user's module, never run.

import { expectTypeOf } from 'expect-type';
import {
  type Attention,
  type AttentionOptions,
  type AttentionTrace,
  alibiSlopes,
  type Captured,
  type CreateOptions,
  createAttention,
  type KVCacheOptions,
  type MergeOptions,
  type NestedNumbers,
  type ResidentTensor,
  type ResultTensor,
  type RotaryOptions,
  type Tensor,
  type TensorInput,
} from 'qkv';
import {
  type AttentionPool,
  createAttentionPool,
  type PoolAttentionOptions,
  type PoolOptions,
} from 'qkv/pool';

declare const attention: Attention;
declare const pool: AttentionPool;
declare const rows: number[][];
declare const maybe: <T>(value: T) => T | undefined;
const cache = attention.createKVCache({ heads: 1, depth: 2 });

// Results in Blob, fetch, crypto.subtle and WebGPU's writeBuffer.
declare const queue: { writeBuffer(buffer: object, offset: number, data: BufferSource): void };
const named: AttentionOptions = { isCausal: true };
const result = attention.attend(rows, rows, rows, { capture: ['weights', 'logSumExp'] });
const results: ResultTensor[] = [
  result.output,
  result.weights,
  result.logSumExp,
  attention.attend(rows, rows, rows).output,
  attention.attend(rows, rows, rows, named).output,
  attention.attend(rows, cache, named).output,
  attention.trace(rows, rows, rows).contributions,
  attention.merge([result, result]).output,
  attention.rotaryEmbedding(rows),
  attention.tensor([2]),
  (await pool.attend(rows, rows, rows, { capture: ['weights'] })).weights,
  (await pool.attend(rows, rows, rows, { signal: AbortSignal.timeout(1) })).output,
];
for (const { data } of results) {
  new Blob([data]);
  await fetch('/', { method: 'POST', body: data });
  await crypto.subtle.digest('SHA-256', data);
  queue.writeBuffer({}, 0, data);
}

// Where the output goes to an array of the caller, its type is that array's.
const shared = new Float32Array(new SharedArrayBuffer(8));
const inShared = attention.attend(rows, rows, rows, { out: shared, capture: ['weights'] });
expectTypeOf(inShared.output.data).toEqualTypeOf(shared);
expectTypeOf(inShared.weights).toEqualTypeOf<ResultTensor>();
const own = new Float32Array(2);
expectTypeOf(attention.attend(rows, cache, { out: own }).output.data).toEqualTypeOf(own);
const resident = attention.tensor([2]);
new Blob([attention.attend(rows, rows, rows, { out: maybe(resident) }).output.data]);
const withOut: AttentionOptions = { out: shared };
attention.attend(rows, rows, rows, withOut);

// exactOptionalPropertyTypes: undefined is as good as left out.
const options: AttentionOptions = {
  scale: maybe(1),
  isCausal: maybe(true),
  queryOffset: maybe('end' as const),
  window: { left: maybe(1), right: maybe(2) },
  mask: maybe([true]),
  bias: maybe([0]),
  alibiSlopes: maybe(alibiSlopes(12)),
  softcap: maybe(1),
  sinks: maybe([1]),
  keyLengths: maybe([1]),
  layout: maybe('blhd' as const),
  capture: maybe(['weights'] as const),
  out: maybe(own),
};
const noWindow: AttentionOptions = { window: maybe({ left: 1 }) };
const pooled: PoolAttentionOptions = {
  ...options,
  ...noWindow,
  signal: maybe(AbortSignal.timeout(1)),
  onProgress: maybe((done: number, total: number) => console.log(done, total)),
};
await pool.attend(rows, rows, rows, pooled);
const creating: CreateOptions = {
  variant: maybe('simd' as const),
  deterministic: maybe(true),
  wasm: maybe('qkv.simd.wasm'),
  maxMemory: maybe(1),
  signal: maybe(AbortSignal.timeout(1)),
  timeout: maybe(1),
};
await createAttention(creating);
const pooling: PoolOptions = { ...creating, workers: maybe(1), timeLimit: maybe(1) };
await createAttentionPool(pooling);
const sizes: KVCacheOptions = {
  heads: 1,
  depth: 1,
  batch: maybe(1),
  valueDepth: maybe(1),
  capacity: maybe(1),
  fixed: maybe(true),
};
attention.createKVCache(sizes);
const merging: MergeOptions = { layout: maybe('bhld' as const) };
attention.merge(
  [
    { output: rows, logSumExp: [[1]] },
    { output: rows, logSumExp: maybe([1]) },
  ],
  merging,
);
const rotating: RotaryOptions = {
  base: maybe(1),
  cos: maybe(rows),
  sin: maybe(rows),
  positions: maybe(1),
  interleaved: maybe(true),
  rotaryDim: maybe(2),
  layout: maybe('bhld' as const),
};
attention.rotaryEmbedding(rows, rotating);

// Nested masks of rank 1 to 4, written out and computed.
const masks: AttentionOptions[] = [
  { mask: [true] },
  { mask: [[true]] },
  { mask: [[[true], [false]]] },
  { mask: [[[[true, false]]]] },
  { mask: rows.map((row) => [row.map((x) => x > 0)]) },
];
for (const masked of masks) attention.attend(rows, rows, rows, masked);

// Typed arrays of any number type for lists.
for (const list of [
  new Int32Array(1),
  new Uint8Array(1),
  new Float32Array(1),
  new Float64Array(1),
]) {
  attention.attend(rows, rows, rows, { keyLengths: list, queryOffset: list });
  attention.attend(rows, rows, rows, { alibiSlopes: list, sinks: list });
  attention.rotaryEmbedding(rows, { positions: list });
  attention.rotaryEmbedding(rows, { positions: [list, list] });
  attention.tensor([1], list);
}

// Generic wrappers.
export const wrapped = {
  any: <T extends TensorInput>(x: T) => attention.attend(x, x, x).output,
  three: <Q extends TensorInput, K extends Tensor, V extends NestedNumbers>(q: Q, k: K, v: V) =>
    attention.attend(q, k, v, { capture: ['weights'] }).weights,
  resident: <T extends ResidentTensor | Tensor>(x: T) => attention.trace(x, x, x),
  cached: <T extends TensorInput>(x: T) => [attention.attend(x, cache), attention.trace(x, cache)],
  pooled: <T extends TensorInput>(x: T) => [pool.attend(x, x, x), pool.attend(x, cache)],
  others: <const T extends TensorInput>(x: T) => {
    cache.append(x, x);
    return attention.rotaryEmbedding(x);
  },
  captures: <const Names extends readonly Captured[]>(given: AttentionOptions<Names>) =>
    attention.attend(rows, rows, rows, given),
};
expectTypeOf(wrapped.any(rows)).toEqualTypeOf<ResultTensor>();
expectTypeOf(wrapped.captures({ capture: ['weights'] }).weights).toEqualTypeOf<ResultTensor>();

// Caches in trace() and in a pool; slopes; the memory of an instance.
expectTypeOf(attention.trace([[1, 2]], cache, { isCausal: true })).toEqualTypeOf<AttentionTrace>();
expectTypeOf((await pool.attend([[1, 2]], cache, named)).output).toEqualTypeOf<ResultTensor>();
expectTypeOf(alibiSlopes(12)).toEqualTypeOf<number[]>();
expectTypeOf(attention.info.maxMemory).toEqualTypeOf<number>();
