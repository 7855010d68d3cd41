import { describe, QkvError } from '../errors.js';
import { InMemory, Resident } from '../memory/resident.js';
import type { Captured } from '../types.js';
import { alignRight, type Geometry, geometryOf, type Layout } from './geometry.js';
import type { KeyValueCache } from './kv-cache.js';
import * as options from './options.js';
import {
  asPlainView,
  expectStorage,
  isDetached,
  MOST_ELEMENTS,
  readBooleanTensor,
  readTensor,
  type TensorData,
  typeOfArray,
} from './tensors.js';

/** An argument of a call: read once, with its meaning as [batch, heads, rows, columns]. */
export interface Operand {
  readonly argument: string;
  readonly source: TensorData | InMemory;
  readonly shape: readonly number[];
  readonly geometry: Geometry;
}

/** A mask or bias, and its extents right-aligned to [B, H, L, S]. */
export interface Broadcast<Data extends Float32Array | Uint8Array> {
  readonly source: TensorData<Data>;
  readonly extents: readonly number[];
}

/**
 * One call, read from what the caller gave: after this no code of the caller's runs, and whatever
 * can be said about one argument by itself has been checked.
 */
export interface Call {
  readonly query: Operand;
  readonly key: Operand;
  readonly value: Operand;
  readonly scale: number | undefined;
  readonly isCausal: boolean;
  readonly queryOffset: readonly number[] | 'end' | undefined;
  readonly windowLeft: number | undefined;
  readonly windowRight: number | undefined;
  readonly mask: Broadcast<Uint8Array> | undefined;
  readonly bias: Broadcast<Float32Array> | undefined;
  readonly alibiSlopes: readonly number[] | undefined;
  readonly softcap: number;
  readonly sinks: readonly number[] | undefined;
  readonly keyLengths: readonly number[] | undefined;
  readonly capture: ReadonlySet<Captured>;
  readonly out: Float32Array | Resident | undefined;
}

type Operands = Pick<Call, 'query' | 'key' | 'value'>;

/** `attend(query, cache, options)` as the call that it stands for. */
export function readCachedCall(query: unknown, cache: KeyValueCache, given: unknown): Call {
  const raw = options.readAttentionOptions(given);
  const layout = readLayout(raw);
  const operands = { query: readOperand('query', query, layout), ...cache.operands() };
  const call = readWith(raw, operands, 'end');
  // Once more: reading masks may have run code of the caller's, and the cache be another.
  return raw === options.NONE ? call : { ...call, ...cache.operands() };
}

export function readCall(query: unknown, key: unknown, value: unknown, given: unknown): Call {
  // Options are read first: their getters may run code of the caller's, which must not see half a call.
  const raw = options.readAttentionOptions(given);
  const layout = readLayout(raw);
  const operands: Operands = {
    query: readOperand('query', query, layout),
    key: readOperand('key', key, layout),
    value: readOperand('value', value, layout),
  };
  expectRankOf(operands.query, operands.key);
  expectRankOf(operands.query, operands.value);
  return readWith(raw, operands, undefined);
}

function readLayout(raw: RawOptions): Layout {
  return raw.layout === undefined
    ? 'bhld'
    : options.asOneOf('layout', raw.layout, ['bhld', 'blhd']);
}

function expectRankOf(query: Operand, { argument, shape }: Operand): void {
  if (shape.length === query.shape.length) return;
  throw new QkvError('ERR_SHAPE', {
    argument,
    expected: `rank ${query.shape.length}, as query ${describe(query.shape)}`,
    received: describe(shape),
  });
}

type RawOptions = ReturnType<typeof options.readAttentionOptions>;

function readWith(raw: RawOptions, operands: Operands, defaultOffset: 'end' | undefined): Call {
  const call =
    raw === options.NONE
      ? plainCall(operands, defaultOffset)
      : readOptions(raw, operands, defaultOffset);
  // Last: until here code of the caller's ran, which may dispose of tensors or detach buffers.
  expectUsable(call.query);
  expectUsable(call.key);
  expectUsable(call.value);
  if (call.mask) expectStorage('mask', call.mask.source);
  if (raw.bias instanceof Resident) raw.bias.expectInUse('bias');
  if (call.bias) expectStorage('bias', call.bias.source);
  if (call.out instanceof Resident) call.out.expectInUse('out');
  return call;
}

function expectUsable({ argument, source }: Operand): void {
  if (source instanceof Resident) source.expectInUse(argument);
  else if (!(source instanceof InMemory)) expectStorage(argument, source);
}

function plainCall({ query, key, value }: Operands, queryOffset: 'end' | undefined): Call {
  return {
    query,
    key,
    value,
    scale: undefined,
    isCausal: false,
    queryOffset,
    windowLeft: undefined,
    windowRight: undefined,
    mask: undefined,
    bias: undefined,
    alibiSlopes: undefined,
    softcap: 0,
    sinks: undefined,
    keyLengths: undefined,
    capture: NOTHING,
    out: undefined,
  };
}

function readOptions(raw: RawOptions, operands: Operands, defaultOffset: 'end' | undefined): Call {
  const window = options.readOwn('window', raw.window, ['left', 'right']);
  const mask = raw.mask === undefined ? undefined : readBooleanTensor('mask', raw.mask);
  const bias = raw.bias === undefined ? undefined : readBias(raw.bias);

  const { batch, heads } = operands.query.geometry;
  const keys = operands.key.geometry.rows;
  const perBatch = { count: batch, of: 'batch element' };
  const perHead = { count: heads, of: 'query head' };
  const bound = (argument: string, given: unknown) =>
    given === undefined || given === Number.POSITIVE_INFINITY
      ? undefined
      : options.asInteger(argument, given, 0, MOST_ELEMENTS - 1); // the core's `unbounded` is one more
  const optional = <T>(given: unknown, read: (given: unknown) => T) =>
    given === undefined ? undefined : read(given);

  return {
    ...plainCall(operands, undefined),
    scale: optional(raw.scale, (v) => options.asFinite('scale', v)),
    isCausal: optional(raw.isCausal, (v) => options.asBoolean('isCausal', v)) ?? false,
    queryOffset: optional(raw.queryOffset, (v) => readQueryOffset(v, perBatch)) ?? defaultOffset,
    windowLeft: bound('window.left', window.left),
    windowRight: bound('window.right', window.right),
    mask: mask && { source: mask, extents: alignRight('mask', mask.shape) },
    bias: bias && { source: bias, extents: alignRight('bias', bias.shape) },
    alibiSlopes: optional(raw.alibiSlopes, (v) =>
      options.asNumbers('alibiSlopes', v, perHead, options.asFinite),
    ),
    softcap: optional(raw.softcap, readSoftcap) ?? 0,
    sinks: optional(raw.sinks, (v) => options.asNumbers('sinks', v, perHead, options.asFinite)),
    keyLengths: optional(raw.keyLengths, (v) =>
      options.asNumbers('keyLengths', v, perBatch, (argument, length) =>
        options.asInteger(argument, length, 0, keys),
      ),
    ),
    capture: raw.capture === undefined ? NOTHING : options.asCaptures(raw.capture),
    out: optional(raw.out, readOut),
  };
}

const NOTHING: ReadonlySet<Captured> = new Set();

function readOperand(argument: string, input: unknown, layout: Layout): Operand {
  const source = input instanceof InMemory ? input : readTensor(argument, input);
  const { shape } = source;
  return { argument, source, shape, geometry: geometryOf(argument, shape, layout) };
}

function readQueryOffset(value: unknown, perBatch: { count: number; of: string }) {
  if (value === 'end') return value;
  const asOffset = (argument: string, offset: unknown) =>
    options.asInteger(argument, offset, -MOST_ELEMENTS, MOST_ELEMENTS);
  if (typeof value === 'number') return Array(perBatch.count).fill(asOffset('queryOffset', value));
  if (Array.isArray(value) || typeOfArray(value)) {
    return options.asNumbers('queryOffset', value, perBatch, asOffset);
  }
  throw new QkvError('ERR_TYPE', {
    argument: 'queryOffset',
    expected: "an integer, an array of them (one for each batch element) or 'end'",
    received: describe(value),
  });
}

function readSoftcap(value: unknown): number {
  const softcap = options.asFinite('softcap', value);
  if (softcap >= 0) return softcap;
  throw new QkvError('ERR_VALUE', {
    argument: 'softcap',
    expected: 'at least 0 (0 = off)',
    received: describe(value),
  });
}

function readBias(bias: unknown): TensorData {
  if (bias instanceof Resident) bias.expectInUse('bias');
  return readTensor('bias', bias);
}

function readOut(out: unknown): Float32Array | Resident {
  if (out instanceof Resident) return out;
  if (typeOfArray(out) !== 'Float32Array') {
    throw new QkvError('ERR_TYPE', {
      argument: 'out',
      expected: 'a Float32Array or a tensor made by tensor()',
      received: describe(out),
    });
  }
  return asPlainView(out as Float32Array);
}

/** `out` must hold the output and share no byte with an input. */
export function expectOut(call: Call, elements: number): void {
  const { out } = call;
  if (out === undefined) return;
  if (!(out instanceof Resident) && out.length === 0 && elements > 0 && isDetached(out)) {
    throw new QkvError('ERR_DETACHED', {
      argument: 'out',
      expected: `${elements} elements`,
      received: 'an array whose buffer was detached (transferred) or shrunk',
    });
  }
  if (out.length !== elements) {
    throw new QkvError('ERR_SHAPE', {
      argument: 'out',
      expected: `${elements} elements, as many as the output has`,
      received: `${out.length}`,
    });
  }
  const target = out instanceof Resident ? out.data : out;
  const inputs: [string, Float32Array | Uint8Array | undefined][] = [
    ...[call.query, call.key, call.value].map(
      ({ argument, source }) => [argument, source.data] as [string, Float32Array],
    ),
    ['mask', call.mask?.source.data],
    ['bias', call.bias?.source.data],
  ];
  for (const [argument, input] of inputs) {
    if (input === undefined || input.buffer !== target.buffer) continue;
    const apart =
      input.byteOffset + input.byteLength <= target.byteOffset ||
      target.byteOffset + target.byteLength <= input.byteOffset;
    if (apart) continue;
    throw new QkvError('ERR_OVERLAP', {
      argument: 'out',
      expected: 'memory of its own',
      received: `memory that overlaps ${argument}`,
      fix: 'The output is written while inputs are still read: give it its own array.',
    });
  }
}
