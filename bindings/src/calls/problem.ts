import { describe, QkvError } from '../errors.js';
import type { MainModule as Module } from '../loading/glue.js';
import { Bump } from '../memory/bump.js';
import type { Heap } from '../memory/heap.js';
import { InMemory, Resident } from '../memory/resident.js';
import type { Captured } from '../types.js';
import type { Call, Operand } from './call.js';
import { type Geometry, stridesOf } from './geometry.js';
import { CAPTURED } from './options.js';

const UNBOUNDED = 2 ** 31 - 1;

/** Sizes of the problem, as qkv::Extents has them. */
export interface Extents {
  readonly batch: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
  readonly valueDepth: number;
}

/** Where the parts of one call go, in bytes from the start of the scratch memory. */
export interface Placement {
  readonly bytes: number;
  readonly query: number | undefined;
  readonly key: number | undefined;
  readonly value: number | undefined;
  readonly output: number | undefined;
  readonly mask: number | undefined;
  readonly bias: number | undefined;
  readonly queryOffset: number | undefined;
  readonly keyLengths: number | undefined;
  readonly alibiSlopes: number | undefined;
  readonly sinks: number | undefined;
  readonly captures: Partial<Record<Captured, number>>;
  readonly workspace: number;
}

/** qkv::Problem and qkv::Status in WebAssembly memory, written by name. */
export class ProblemMemory {
  readonly #module: Module;
  readonly #heap: Heap;
  readonly #problem: number;
  readonly #status: number;
  readonly #workspaceBytes = new Map<number, number>();

  constructor(module: Module, heap: Heap) {
    this.#module = module;
    this.#heap = heap;
    this.#problem = heap.allocate(module.Problem_size);
    this.#status = heap.allocate(module.Status_size);
  }

  get address(): number {
    return this.#problem;
  }

  /** Writes what can be checked without memory: everything but addresses. */
  describe(call: Call): Extents {
    const { i32, f32 } = this.#heap;
    const m = this.#module;
    const start = this.#problem >> 2;
    for (let i = start; i < start + (m.Problem_size >> 2); ++i) i32[i] = 0;

    const extents = extentsOf(call);
    const at = start + (m.Problem_extents >> 2);
    i32[at] = extents.batch;
    i32[at + 1] = extents.heads;
    i32[at + 2] = extents.keyHeads;
    i32[at + 3] = extents.queries;
    i32[at + 4] = extents.keys;
    i32[at + 5] = extents.depth;
    i32[at + 6] = extents.valueDepth;
    f32[start + (m.Problem_scale >> 2)] = call.scale ?? Number.NaN;
    f32[start + (m.Problem_softcap >> 2)] = call.softcap;
    i32[start + (m.Problem_causal >> 2)] = Number(call.isCausal);
    i32[start + (m.Problem_align_end >> 2)] = Number(call.queryOffset === 'end');
    i32[start + (m.Problem_window_left >> 2)] = call.windowLeft ?? UNBOUNDED;
    i32[start + (m.Problem_window_right >> 2)] = call.windowRight ?? UNBOUNDED;
    writeBroadcast(i32, start + (m.Problem_mask >> 2), call.mask);
    writeBroadcast(i32, start + (m.Problem_bias >> 2), call.bias);
    return extents;
  }

  /** Writes the members that qkv::merge reads, for an output that lies at `output`. */
  describeMerge(geometry: Geometry, output: number, logSumExp: number): void {
    const { i32 } = this.#heap;
    const m = this.#module;
    const start = this.#problem >> 2;
    i32.fill(0, start, start + (m.Problem_size >> 2));
    const { batch, heads, rows, columns, strides } = geometry;
    i32.set([batch, heads, heads, rows, 0, 0, columns], start + (m.Problem_extents >> 2));
    i32.set([output, strides.batch, strides.head, strides.row], start + (m.Problem_output >> 2));
    i32[start + (m.Problem_capture >> 2) + CAPTURED.indexOf('logSumExp')] = logSumExp;
  }

  /**
   * Asks the core whether the problem is one; its answer becomes an error in the caller's words. To be
   * called before the inputs are where the core reads them, so that of them the bias is looked at here.
   */
  expectValid(call: Call): void {
    if (call.bias) expectBiasValues(call.bias.source.data);
    if (this.#module.validate(this.#problem, this.#status) === 0) throw this.#error(call);
  }

  /** Computes the problem, if it is one. */
  attend(call: Call, workspace: number): void {
    if (this.#module.attend(this.#problem, this.#status, workspace) === 0) throw this.#error(call);
  }

  #error(call: Call): QkvError {
    const m = this.#module;
    const start = this.#status >> 2;
    const [code, argument, index, expected, received] = this.#heap.i32.subarray(start, start + 5);
    return errorOf(
      call,
      nameIn(m.Code, code as number),
      nameIn(m.Argument, argument as number),
      index as number,
      expected as number,
      received as number,
    );
  }

  /** What the core needs beside inputs and results: asked once for each pair of depths. */
  workspaceBytes(call: Call, { depth, valueDepth }: Extents): number {
    const depths = depth * 2 ** 22 + valueDepth;
    let bytes = this.#workspaceBytes.get(depths);
    if (bytes === undefined) {
      this.expectValid(call); // depths of more than 2^22 have no workspace
      bytes = this.#module.workspaceBytes(this.#problem);
      this.#workspaceBytes.set(depths, bytes);
    }
    return bytes;
  }

  /** Writes the addresses and copies the inputs to them. */
  fill(call: Call, placement: Placement, base: number): void {
    const m = this.#module;
    this.#fillOperand(m.Problem_query, call.query, placement.query, base);
    this.#fillOperand(m.Problem_key, call.key, placement.key, base);
    this.#fillOperand(m.Problem_value, call.value, placement.value, base);
    const output =
      placement.output === undefined
        ? ((call.out as Resident).addressIn(this.#heap, 'out') as number)
        : base + placement.output;
    const { geometry } = call.query;
    this.#writeTensor(
      m.Problem_output,
      output,
      stridesOf(geometry.headsFirst, geometry.heads, geometry.rows, call.value.geometry.columns),
    );
    this.#fillOptions(call, placement, base);
  }

  #fillOperand(member: number, operand: Operand, offset: number | undefined, base: number): void {
    let address: number;
    if (offset === undefined) {
      const resident = operand.source as InMemory;
      address = resident.addressIn(this.#heap, operand.argument) as number;
    } else {
      address = base + offset;
      copyTo(this.#heap.f32, address >>> 2, operand.source.data);
    }
    this.#writeTensor(member, address, operand.geometry.strides);
  }

  #writeTensor(member: number, address: number, strides: Geometry['strides']): void {
    const { i32 } = this.#heap;
    const at = (this.#problem + member) >> 2;
    i32[at] = address;
    i32[at + 1] = strides.batch;
    i32[at + 2] = strides.head;
    i32[at + 3] = strides.row;
  }

  #fillOptions(call: Call, placement: Placement, base: number): void {
    const m = this.#module;
    const { i32, f32, u8 } = this.#heap;
    const start = this.#problem >> 2;
    const write = (
      member: number,
      offset: number | undefined,
      view: Float32Array | Int32Array | Uint8Array,
      values: ArrayLike<number> | undefined,
    ) => {
      if (offset === undefined || values === undefined) return;
      i32[start + (member >> 2)] = base + offset;
      view.set(values, (base + offset) / view.BYTES_PER_ELEMENT);
    };
    const list = (values: Call['queryOffset']) => (values === 'end' ? undefined : values);
    write(m.Problem_mask, placement.mask, u8, call.mask?.source.data);
    write(m.Problem_bias, placement.bias, f32, call.bias?.source.data);
    write(m.Problem_query_offset, placement.queryOffset, i32, list(call.queryOffset));
    write(m.Problem_key_lengths, placement.keyLengths, i32, call.keyLengths);
    write(m.Problem_alibi_slopes, placement.alibiSlopes, f32, call.alibiSlopes);
    write(m.Problem_sinks, placement.sinks, f32, call.sinks);
    for (const name of call.capture) {
      const at = start + (m.Problem_capture >> 2) + CAPTURED.indexOf(name);
      i32[at] = base + (placement.captures[name] as number);
    }
  }
}

/** A few numbers are written faster one by one than by set(). */
const FEW = 32;

function copyTo(memory: Float32Array, start: number, data: Float32Array): void {
  if (data.length > FEW) memory.set(data, start);
  else for (let i = 0; i < data.length; ++i) memory[start + i] = data[i] as number;
}

function writeBroadcast(
  i32: Int32Array,
  at: number,
  tensor: { readonly extents: readonly number[] } | undefined,
): void {
  for (let axis = 0; axis < 4; ++axis) i32[at + 1 + axis] = tensor?.extents[axis] ?? 1;
}

function extentsOf(call: Call): Extents {
  const q = call.query.geometry;
  const k = call.key.geometry;
  const v = call.value.geometry;
  if (q.batch !== k.batch) throw differ(call, 'key', 'batch', q.batch, k.batch, 'query has');
  if (k.batch !== v.batch) throw differ(call, 'value', 'batch', k.batch, v.batch, 'key has');
  if (q.columns !== k.columns) {
    throw differ(call, 'key', 'depth (last dimension)', q.columns, k.columns, 'query has');
  }
  if (k.heads !== v.heads) throw differ(call, 'value', 'heads', k.heads, v.heads, 'key has');
  if (k.rows !== v.rows) throw differ(call, 'value', 'rows', k.rows, v.rows, 'key has');
  return {
    batch: q.batch,
    heads: q.heads,
    keyHeads: k.heads,
    queries: q.rows,
    keys: k.rows,
    depth: q.columns,
    valueDepth: v.columns,
  };
}

function differ(
  { query, key, value }: Call,
  argument: string,
  what: string,
  expected: number,
  received: number,
  like: string,
): QkvError {
  return new QkvError('ERR_SHAPE', {
    argument,
    expected: `${what} ${expected}, as ${like}`,
    received: `${received}: query ${describe(query.shape)}, key ${describe(key.shape)}, value ${describe(value.shape)}`,
  });
}

/**
 * Lays the parts of a call out one after the other, each on a boundary of 64 bytes. The output takes the
 * place of a copied query of the same shape, unless `keepsQuery`: the core reads rows before it writes them.
 */
export function place(
  call: Call,
  extents: Extents,
  heap: Heap,
  workspaceBytes: number,
  keepsQuery: boolean,
): Placement {
  const bump = new Bump();
  const rows = extents.batch * extents.heads * extents.queries;
  const isInPlace = call.out instanceof Resident && call.out.addressIn(heap, 'out') !== undefined;
  const hasOffsets = call.queryOffset !== undefined && call.queryOffset !== 'end';
  const query = placeOperand(bump, call.query, heap);
  const room = keepsQuery || extents.depth !== extents.valueDepth ? undefined : query;
  return {
    query,
    key: placeOperand(bump, call.key, heap),
    value: placeOperand(bump, call.value, heap),
    mask: call.mask && bump.take(call.mask.source.data.byteLength),
    bias: call.bias && bump.take(call.bias.source.data.byteLength),
    queryOffset: hasOffsets ? bump.take(4 * extents.batch) : undefined,
    keyLengths: call.keyLengths && bump.take(4 * extents.batch),
    alibiSlopes: call.alibiSlopes && bump.take(4 * extents.heads),
    sinks: call.sinks && bump.take(4 * extents.heads),
    output: isInPlace ? undefined : (room ?? bump.take(4 * rows * extents.valueDepth)),
    captures: call.capture.size === 0 ? NONE : placeCaptures(bump, call, rows, extents.keys),
    workspace: bump.take(workspaceBytes),
    bytes: bump.bytes,
  };
}

function placeOperand(bump: Bump, { source, argument }: Operand, heap: Heap): number | undefined {
  if (source instanceof InMemory && source.addressIn(heap, argument) !== undefined)
    return undefined;
  return bump.take(source.data.byteLength);
}

const NONE: Placement['captures'] = {};

function placeCaptures(bump: Bump, call: Call, rows: number, keys: number): Placement['captures'] {
  const captures: Partial<Record<Captured, number>> = {};
  for (const name of call.capture) {
    captures[name] = bump.take(4 * rows * (name === 'logSumExp' ? 1 : keys));
  }
  return captures;
}

function nameIn(names: Module['Code'] | Module['Argument'], value: number): string {
  const all = names as Record<string, { readonly value: number }>;
  return Object.keys(all).find((name) => all[name]?.value === value) ?? `${value}`;
}

function errorOf(
  call: Call,
  code: string,
  argument: string,
  index: number,
  expected: number,
  received: number,
): QkvError {
  switch (code) {
    case 'zero_depth':
      return new QkvError('ERR_SHAPE', {
        argument,
        expected: 'a depth (last dimension of query and key) of at least 1',
        received: `${describe(call.query.shape)}`,
      });
    case 'heads_not_divisible':
      return new QkvError('ERR_SHAPE', {
        argument,
        expected: `key/value heads that divide the ${expected} query heads`,
        received: `${received}`,
        fix: 'Consecutive query heads share a key/value head; their numbers must divide.',
      });
    case 'not_broadcastable':
      return new QkvError('ERR_SHAPE', {
        argument,
        expected: `dimension ${'BHLS'[index]} of 1 or ${expected}`,
        received: `${received}`,
        fix: 'Shapes broadcast right-aligned to [B, H, L, S]; nothing is padded.',
      });
    case 'too_large':
      return new QkvError('ERR_SIZE', {
        argument,
        expected: 'fewer than 2^31 elements, and depths of at most 2^22',
        received: `query ${describe(call.query.shape)}, key ${describe(call.key.shape)}, value ${describe(call.value.shape)}`,
        fix: 'Split the problem by batch, heads or queries.',
      });
    case 'bias_value':
      return biasValueError(index, call.bias?.source.data[index]);
    default:
      return new QkvError('ERR_VALUE', {
        argument,
        expected: code.replaceAll('_', ' '),
        received: `${received}`,
      });
  }
}

function expectBiasValues(data: Float32Array): void {
  let index = 0; // a loop, not findIndex(): there may be millions
  while (index < data.length && (data[index] as number) < Number.POSITIVE_INFINITY) ++index;
  if (index < data.length) throw biasValueError(index, data[index]);
}

function biasValueError(index: number, value: unknown): QkvError {
  return new QkvError('ERR_VALUE', {
    argument: `bias.data[${index}]`,
    expected: 'a finite number, or -Infinity to exclude a key',
    received: describe(value),
  });
}
