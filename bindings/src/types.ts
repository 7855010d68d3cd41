/// <reference lib="esnext.disposable" preserve="true" />

/**
 * Shapes: B batch, H query heads, Hk key/value heads (H is a multiple of Hk), L query length,
 * S key length, D depth of queries and keys (d_k), Dv depth of values. All tensors are dense,
 * row-major, float32.
 */

/** Rank 2 `[L, D]`, rank 3 `[H, L, D]` or rank 4 `[B, H, L, D]` (`[B, L, H, D]` with `layout: 'blhd'`). */
export interface Tensor<Data extends Float32Array = Float32Array> {
  readonly data: Data;
  readonly shape: readonly number[];
}

/**
 * A tensor whose data is a `Float32Array<ArrayBuffer>`, which `Blob`, `fetch` and `crypto.subtle` need.
 * Before TypeScript 5.7 that is a Float32Array. `slice` has the right type in every version.
 */
export type ResultTensor = Tensor<ReturnType<Float32Array['slice']>>;

/** Float16Array, also for programs whose types lack it. */
export interface Float16Numbers extends ArrayLike<number> {
  readonly [Symbol.toStringTag]: 'Float16Array';
}

/**
 * Numbers of an input. float16 becomes float32 exactly. float64 is rounded to float32; a finite number
 * beyond its range is an error.
 */
export type FloatNumbers = Float32Array | Float64Array | Float16Numbers;

/** The sizes of an input. onnxruntime and transformers.js call them `dims`. */
export type Sizes = { readonly shape: readonly number[] } | { readonly dims: readonly number[] };

/** An input of other programs: other floats, also as the bits of float16, and other names. */
export type ForeignTensor = Sizes &
  ({ readonly data: FloatNumbers } | { readonly data: Uint16Array; readonly type: 'float16' });

/**
 * Small hand-written input: `[[3, 4]]` is a Tensor of shape [1, 2]. Ragged arrays are an error. Rows may be
 * typed arrays.
 */
export type NestedNumbers = readonly number[] | readonly FloatNumbers[] | readonly NestedNumbers[];

/** A tensor that lives in WebAssembly memory: no copy on the way in. Freed by `dispose()` or `using`. */
export interface ResidentTensor extends ResultTensor, Disposable {
  /**
   * A view of the memory. It is replaced when the memory grows. Keep the tensor, not the view: a tensor
   * without references is freed.
   */
  readonly data: ResultTensor['data'];
  /** Frees the memory. A second call does nothing. */
  dispose(): void;
}

export type TensorInput = Tensor | ForeignTensor | ResidentTensor | NestedNumbers;

/** Whether a type is a union of several. */
type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never;

type Item<Rows> = Rows extends readonly (infer Row)[] ? Row : never;
type Length<Rows> = Rows extends readonly unknown[] ? Rows['length'] : never;
type Differ<Rows> = IsUnion<Length<Rows>>;

type Evenness<Input> = Input extends readonly unknown[]
  ? true extends Differ<Item<Input>> | Differ<Item<Item<Input>>> | Differ<Item<Item<Item<Input>>>>
    ? 'ragged'
    : 'even'
  : 'even';

/**
 * Makes nested arrays a type error if their type says that rows differ in length. It is no conditional
 * type, because TypeScript accepts no type parameter for one: `<T extends TensorInput>(x: T)` must compile.
 */
export type Even<Input> = {
  ragged: 'Ragged: every row must be as long as the first';
  even: unknown;
}[Evenness<Input>];

/** An element of a mask: true or 1 attends a key. Zeros alone must be false, because they may be a bias. */
export type Bit = boolean | number | bigint;

export type Integers =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Nested arrays of rank 1 to 4. Rows may be typed arrays. */
export type NestedBits = readonly Bit[] | readonly Integers[] | readonly NestedBits[];

/** 0 or false masks a key, 1 or true attends it. In a Uint8Array any number but 0 attends. */
export type BooleanTensorInput =
  | (Sizes & { readonly data: Integers | readonly Bit[] })
  | NestedBits;

/** A typed array of numbers; a BigInt64Array is none. Structural, because libraries name different ones. */
export interface TypedNumbers {
  readonly BYTES_PER_ELEMENT: number;
  readonly buffer: ArrayBufferLike;
  readonly length: number;
  readonly [index: number]: number;
}

/** A short list of numbers. */
export type NumberList = readonly number[] | TypedNumbers;

export type Variant = 'relaxed' | 'simd' | 'scalar';

/** WebAssembly.Module, in programs whose types have it; those for Node alone have not. */
type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : object;

export interface CreateOptions {
  /**
   * 'auto' picks the fastest variant that the engine runs: 'relaxed' (relaxed SIMD, fused
   * multiply-add), 'simd' (128-bit SIMD) or 'scalar'. Default 'auto'.
   */
  variant?: 'auto' | Variant | undefined;
  /** Same bits on every engine, CPU and thread count. Excludes 'relaxed'. Default false. */
  deterministic?: boolean | undefined;
  /**
   * The .wasm, or its URL. Default: the file beside the module. A WebAssembly.Module suits Cloudflare
   * Workers and shared caches. With 'auto', the file determines the variant.
   */
  wasm?: string | URL | Response | ArrayBuffer | ArrayBufferView | CompiledModule | undefined;
  /** Upper bound of WebAssembly memory in bytes. Default 4 GiB. */
  maxMemory?: number | undefined;
  /** Aborts loading with ERR_ABORTED. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that loading the .wasm may take; after that, ERR_WASM_NOT_FOUND. Default 60000;
   * Infinity waits for ever.
   */
  timeout?: number | undefined;
}

/** Names of captures. */
export type Captured = 'scoresRaw' | 'scoresCapped' | 'scoresMasked' | 'weights' | 'logSumExp';

/** Where the output may be written. */
export type Destination = Float32Array | ResidentTensor;

/** `Names` are the names of the captures and `Out` is the type of `out`, if they are known at compile time. */
export interface AttentionOptions<
  Names extends readonly Captured[] = readonly Captured[],
  Out extends Destination = Destination,
> {
  /** Multiplies Q·Kᵀ. Finite; default 1/√D. */
  scale?: number | undefined;
  /** Query i attends key j only if j ≤ i + queryOffset. Default false. */
  isCausal?: boolean | undefined;
  /**
   * Position of query 0 on the key axis; an array has one for each batch element. Default 0 (top-left, as
   * PyTorch, JAX, ONNX). 'end' is S − L, or keyLengths[b] − L (bottom-right, as FlashAttention), and the
   * default with a KVCache.
   */
  queryOffset?: number | NumberList | 'end' | undefined;
  /** Sliding window around i + queryOffset. Both bounds are inclusive, at least 0; default: unbounded. */
  window?: { left?: number | undefined; right?: number | undefined } | undefined;
  /** true attends a key. Broadcasts (right-aligned) to [B, H, L, S]. */
  mask?: BooleanTensorInput | undefined;
  /** Added to the scaled, capped scores. Broadcasts to [B, H, L, S]. −Infinity excludes a key. */
  bias?: TensorInput | undefined;
  /** ALiBi (arXiv:2108.12409): adds −slope[h] · |i + queryOffset − j|. Length H; see alibiSlopes(). */
  alibiSlopes?: NumberList | undefined;
  /**
   * softcap · tanh(scores / softcap), before bias and masks. A score that overflows float32 becomes ±softcap.
   * Default 0: off.
   */
  softcap?: number | undefined;
  /** One extra logit for each head; it takes probability and adds no value. Length H. */
  sinks?: NumberList | undefined;
  /** Number of valid keys of each batch element, 0 to S; later keys are ignored. Length B. */
  keyLengths?: NumberList | undefined;
  /** Meaning of rank-4 (and rank-3) shapes. Default 'bhld'. */
  layout?: 'bhld' | 'blhd' | undefined;
  /** Also return these results. 'scores…' and 'weights' take O(L·S) memory; 'logSumExp' costs nothing. */
  capture?: Names | undefined;
  /** The output is written here instead of to a new array. Must not overlap an input. */
  out?: Out | undefined;
}

export interface AttentionResult<Data extends Float32Array = ResultTensor['data']> {
  /** [.., L, Dv], in the rank and layout of the query; within the range of the values, up to rounding. */
  readonly output: Tensor<Data>;
  /** scale·Q·Kᵀ, [B, H, L, S]. */
  readonly scoresRaw?: ResultTensor;
  /** After softcap, [B, H, L, S]. */
  readonly scoresCapped?: ResultTensor;
  /** After softcap, bias and masks, [B, H, L, S]; −Infinity where a key is excluded. */
  readonly scoresMasked?: ResultTensor;
  /** [B, H, L, S]; rows sum to 1 (0 where no key is left). */
  readonly weights?: ResultTensor;
  /** ln (Σ exp(scoresMasked) + exp(sink)), [B, H, L]; −Infinity where no key is left and no sink is given. */
  readonly logSumExp?: ResultTensor;
}

/** The names that are certainly in a list; none if its type is not a tuple. */
type Certain<Names> = [Names] extends [readonly [infer First, ...infer Others]]
  ? (IsUnion<First> extends true ? never : First) | Certain<Others>
  : never;

/** The data of an output: `out`, if it is known to be an array of the caller's. */
type Delivered<Out> = [Destination] extends [Out]
  ? ResultTensor['data']
  : Out extends Float32Array
    ? Out
    : ResultTensor['data'];

/** An AttentionResult with the captures that were asked for. */
export type ResultWith<
  Names extends readonly Captured[],
  Out extends Destination = Destination,
> = AttentionResult<Delivered<Out>> & {
  readonly [Name in Extract<Certain<Names>, Captured>]: ResultTensor;
};

/** Every intermediate of the formula for one small problem, as the core computed it. */
export interface AttentionTrace {
  /** Q·Kᵀ, [.., L, S]. */
  readonly products: ResultTensor;
  /** × scale, [.., L, S]. */
  readonly scaled: ResultTensor;
  /** After softcap, bias and masks, [.., L, S]. */
  readonly masked: ResultTensor;
  /** Maximum over keys (and the sink), [.., L]. */
  readonly rowMax: ResultTensor;
  /** exp(masked − rowMax), [.., L, S]. */
  readonly exponentials: ResultTensor;
  /** Σ exponentials (and the sink's), [.., L]. */
  readonly rowSum: ResultTensor;
  /** exponentials / rowSum, [.., L, S]. */
  readonly weights: ResultTensor;
  /** weights[i, j] · V[j, :], [.., L, S, Dv]. */
  readonly contributions: ResultTensor;
  /** Σ contributions, [.., L, Dv]. */
  readonly output: ResultTensor;
}

export interface KVCacheOptions {
  /** Default 1. */
  batch?: number | undefined;
  /** Key/value heads. */
  heads: number;
  /** Depth of keys. */
  depth: number;
  /** Depth of values. Default: that of keys. */
  valueDepth?: number | undefined;
  /** Keys to reserve memory for. The cache grows beyond it unless `fixed`. Default 0. */
  capacity?: number | undefined;
  /** Throw ERR_SIZE when the capacity is exceeded, instead of growing. Default false. */
  fixed?: boolean | undefined;
}

export interface KVCache extends Disposable {
  /** Keys appended so far. */
  readonly length: number;
  /** Keys that fit before the cache grows. */
  readonly capacity: number;
  /** Appends n keys [B, Hk, n, D] and values [B, Hk, n, Dv]. Copies only these, amortised. */
  append(key: TensorInput, value: TensorInput): void;
  /** Drops the keys from `length` on. */
  truncate(length: number): void;
  /** Frees the memory. A second call does nothing. */
  dispose(): void;
}

/** A result over some of the keys. Only one with `logSumExp` can be merged. */
export interface MergePart {
  readonly output: TensorInput;
  readonly logSumExp?: TensorInput | undefined;
}

export interface MergeOptions {
  /** Meaning of rank-4 (and rank-3) outputs. Default 'bhld'. */
  layout?: 'bhld' | 'blhd' | undefined;
}

export interface RotaryOptions {
  /** Base of the angles position·base^(−2i/rotaryDim), at least 1. Default 10000. Excludes `cos` and `sin`. */
  base?: number | undefined;
  /**
   * Tables instead of a base: [positions, rotaryDim/2]. Without `positions` they may also have a row for
   * each row of x: [L, rotaryDim/2] or [B, L, rotaryDim/2].
   */
  cos?: TensorInput | undefined;
  sin?: TensorInput | undefined;
  /** Position of each row, [L] or [B][L], or of the first row. Default 0. */
  positions?: number | NumberList | readonly NumberList[] | undefined;
  /** Pairs (0, 1), (2, 3), … instead of (0, R/2), (1, R/2 + 1), …. Default false. */
  interleaved?: boolean | undefined;
  /** Number of rotated components, even; the others pass unchanged. Default, also for 0: the depth. */
  rotaryDim?: number | undefined;
  /** Meaning of rank-4 (and rank-3) shapes. Default 'bhld'. */
  layout?: 'bhld' | 'blhd' | undefined;
}

export interface Attention extends Disposable {
  // Tensors are the last overload, because TypeScript 7 explains a wrong call by the last one.
  /**
   * softmax(scale·Q·Kᵀ + …)·V of a cache: new queries against all keys appended so far. By default the
   * last query stands at the last key (`queryOffset: 'end'`). `layout` applies to the query. A cache with a
   * batch of 1 serves every batch element of the query.
   */
  attend<
    const Query extends TensorInput,
    const Names extends readonly Captured[] = [],
    Out extends Destination = ResidentTensor,
  >(
    query: Query & Even<Query>,
    cache: KVCache,
    options?: AttentionOptions<Names, Out>,
  ): ResultWith<Names, Out>;
  /**
   * softmax(scale·Q·Kᵀ + …)·V, synchronously. It never changes, detaches or keeps inputs. Query, key,
   * value and output have the same rank. A key or value with a batch of 1 serves every batch element of
   * the query. NaN in a query or in an attended key gives NaN in that row only. Scores that overflow
   * float32 follow IEEE 754 (∞ − ∞ is NaN).
   */
  attend<
    const Query extends TensorInput,
    const Key extends TensorInput,
    const Value extends TensorInput,
    const Names extends readonly Captured[] = [],
    Out extends Destination = ResidentTensor,
  >(
    query: Query & Even<Query>,
    key: Key & Even<Key>,
    value: Value & Even<Value>,
    options?: AttentionOptions<Names, Out>,
  ): ResultWith<Names, Out>;
  /** Every intermediate of attending a cache. */
  trace<const Query extends TensorInput>(
    query: Query & Even<Query>,
    cache: KVCache,
    options?: AttentionOptions,
  ): AttentionTrace;
  /** Every intermediate of the same computation, for small problems. Ignores `capture` and `out`. */
  trace<
    const Query extends TensorInput,
    const Key extends TensorInput,
    const Value extends TensorInput,
  >(
    query: Query & Even<Query>,
    key: Key & Even<Key>,
    value: Value & Even<Value>,
    options?: AttentionOptions,
  ): AttentionTrace;
  /**
   * Exact combination of results over disjoint sets of keys. Each part needs `logSumExp`. At most one
   * part may have been computed with sinks. Any number of parts, in any order.
   */
  merge(parts: readonly MergePart[], options?: MergeOptions): AttentionResult;
  /** Keys and values that stay in WebAssembly memory and grow, for decoding token by token. */
  createKVCache(options: KVCacheOptions): KVCache;
  /**
   * Rotary position embedding (arXiv:2104.09864) of queries or keys, as ONNX RotaryEmbedding means
   * it: pairs of the first `rotaryDim` components rotate by an angle that grows with the position.
   */
  rotaryEmbedding(x: TensorInput, options?: RotaryOptions): ResultTensor;
  /** Allocates a tensor in WebAssembly memory; without `data` it is zero. */
  tensor(shape: readonly number[], data?: ArrayLike<number>): ResidentTensor;
  /** The chosen variant, why the others were not chosen, and the memory that the engine granted. */
  readonly info: {
    readonly version: string;
    readonly variant: Variant;
    readonly rejected: readonly { readonly variant: string; readonly reason: string }[];
    /** Upper bound of WebAssembly memory in bytes: `maxMemory`, or less if the engine refuses that. */
    readonly maxMemory: number;
  };
  /** WebAssembly memory in bytes: its size, and how much of it is allocated. */
  readonly memory: { readonly bytes: number; readonly used: number };
  /** Frees everything that this instance holds, with its tensors. A second call does nothing. */
  dispose(): void;
}
