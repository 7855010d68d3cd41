// What compiles, and which types it has: compiled by types-versions.test.mjs as a user's module, never run.

import { expectTypeOf } from 'expect-type';
import type {
  AttentionOptions,
  AttentionResult,
  AttentionTrace,
  BooleanTensorInput,
  Captured,
  CreateOptions,
  ErrorCode,
  Float16Numbers,
  KVCache,
  NestedNumbers,
  ResidentTensor,
  ResultTensor,
  Tensor,
  TensorInput,
} from 'qkv';
import { type Attention, createAttention, QkvError } from 'qkv';
import { doctor, type Report } from 'qkv/doctor';
import { createAttentionPool, type PoolAttentionOptions, type PoolOptions } from 'qkv/pool';

// Creating.
const created: CreateOptions = { variant: 'auto', deterministic: true, maxMemory: 2 ** 24 };
const attention = await createAttention(created);
expectTypeOf(attention).toEqualTypeOf<Attention>();
await createAttention({
  wasm: new URL('qkv.simd.wasm', 'https://example.org/'),
  signal: AbortSignal.timeout(5),
  timeout: Number.POSITIVE_INFINITY,
});
await createAttention({ wasm: new Uint8Array(8) });
await createAttention({ wasm: new Response() });
expectTypeOf(doctor).returns.resolves.toEqualTypeOf<Report>();

// Inputs: nested arrays, written out or computed, tensors, and whatever is one of them.
const nested: NestedNumbers = [[1, 2], [2, 3]]; // biome-ignore format: a matrix
const tensor: Tensor = { data: new Float32Array(4), shape: [2, 2] };
const resident: ResidentTensor = attention.tensor([2, 2], [1, 2, 3, 4]);
const inputs: readonly TensorInput[] = [nested, tensor, resident, [[[[1]]]]] as const;
const rows: number[][] = Array.from({ length: 3 }, () => [1, 2]);
const flag = Math.random() < 2;
attention.attend(tensor, resident, nested);
attention.attend(rows, rows, rows);
attention.attend([[1, 2], rows[0] ?? []], [[1, 2]], [[1], [2]]);
attention.attend([[[1, 2]], [[3, 4]]], [[[1, 2]]], [[[5, 6, 7]]]);
attention.attend(flag ? [[1, 2]] : [[1, 2, 3]], rows, rows);
attention.trace([[3, 4]], [[1, 2]], [[7, 8]]);
for (const input of inputs) attention.attend(input, input, input);
const anything = JSON.parse('[[1]]');
attention.attend(anything, anything, anything);

// Inputs of other programs: dims, other floats, rows that are typed arrays.
attention.attend(
  { data: new Float64Array(4), shape: [2, 2] },
  { data: new Float32Array(4), dims: [2, 2] },
  { data: new Uint16Array(4), dims: [2, 2], type: 'float16' },
);
attention.attend([new Float32Array(2)], [[new Float64Array(2)]], [[[new Float32Array(2)]]]);
const halves: Float16Numbers = Object.assign([1, 2], {
  [Symbol.toStringTag]: 'Float16Array' as const,
});
attention.attend({ data: halves, shape: [1, 2] }, [halves], [halves]);

// Options, as a variable too.
const masks: BooleanTensorInput[] = [
  [true],
  [[true, false]],
  { data: new Uint8Array(2), shape: [2] },
  { data: new BigInt64Array(2), dims: [1, 2] },
  { data: [true, false], shape: [2] },
  [1, 0],
  [[[[1n, 0n]]]],
  [new Int32Array(2)],
];
const options: AttentionOptions = {
  scale: 1,
  isCausal: true,
  queryOffset: 'end',
  window: { left: 1 },
  mask: masks[0] ?? [true],
  bias: [0, 1],
  alibiSlopes: new Float32Array(1),
  softcap: 30,
  sinks: [0],
  keyLengths: [2],
  layout: 'blhd',
  capture: ['weights', 'logSumExp'],
  out: new Float32Array(4),
};

// Results: what was certainly captured is there; the rest may be missing.
const plain = attention.attend(rows, rows, rows);
expectTypeOf(plain).toExtend<AttentionResult>();
expectTypeOf(plain.output).toEqualTypeOf<ResultTensor>();
expectTypeOf(plain.weights).toEqualTypeOf<ResultTensor | undefined>();

const captured = attention.attend(rows, rows, rows, {
  scale: 1,
  capture: ['weights', 'logSumExp'],
});
expectTypeOf(captured).toExtend<AttentionResult>();
expectTypeOf(captured.weights).toEqualTypeOf<ResultTensor>();
expectTypeOf(captured.logSumExp).toEqualTypeOf<ResultTensor>();
expectTypeOf(captured.scoresRaw).toEqualTypeOf<ResultTensor | undefined>();

const names = ['weights'] as const;
expectTypeOf(
  attention.attend(rows, rows, rows, { capture: names }).weights,
).toEqualTypeOf<ResultTensor>();

const someNames: Captured[] = ['weights'];
for (const result of [
  attention.attend(rows, rows, rows, options),
  attention.attend(rows, rows, rows, { capture: someNames }),
  attention.attend(rows, rows, rows, { capture: [] }),
  attention.attend(rows, rows, rows, { capture: [flag ? 'weights' : 'logSumExp'] }),
  attention.attend(rows, rows, rows, { capture: flag ? ['weights'] : ['logSumExp'] }),
  attention.attend(rows, rows, rows, flag ? { capture: ['weights'] } : undefined),
])
  expectTypeOf(result.weights).toEqualTypeOf<ResultTensor | undefined>();

const cache = attention.createKVCache({ heads: 1, depth: 2 });
expectTypeOf(cache).toEqualTypeOf<KVCache>();
const { weights } = attention.attend([[3, 4]], cache, { capture: ['weights'] });
expectTypeOf(weights).toEqualTypeOf<ResultTensor>();
expectTypeOf(attention.merge([captured, captured]).output.data).toExtend<Float32Array>();
expectTypeOf(attention.trace(rows, rows, rows)).toEqualTypeOf<AttentionTrace>();
expectTypeOf(attention.rotaryEmbedding(rows, { positions: 7 })).toEqualTypeOf<ResultTensor>();
expectTypeOf(attention.info.rejected).items.toEqualTypeOf<{
  readonly variant: string;
  readonly reason: string;
}>();
expectTypeOf(attention.memory).toEqualTypeOf<{ readonly bytes: number; readonly used: number }>();

// The same on a pool.
const pooled: PoolOptions = { workers: 2, timeLimit: 5000, variant: 'simd' };
const pool = await createAttentionPool(pooled);
const watched: PoolAttentionOptions = {
  ...options,
  signal: AbortSignal.timeout(5),
  onProgress: (done, total) => console.log(done / total),
};
expectTypeOf(pool.attend(tensor, resident, nested, watched)).resolves.toExtend<AttentionResult>();
expectTypeOf(pool.workers).toEqualTypeOf<number>();
pool.dispose();

// What others write around it: a function of the contract's types, in both directions.
type Attend = (
  query: TensorInput,
  key: TensorInput,
  value: TensorInput,
  options?: AttentionOptions,
) => AttentionResult;
const attend: Attend = (...given) => attention.attend(...given);
const bound: Attend = attention.attend;
expectTypeOf(attend).toEqualTypeOf(bound);

try {
  attention.dispose();
} catch (error) {
  if (error instanceof QkvError) expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
}
