import { Bump } from './bump.js';
import type { Call, Operand } from './call.js';
import { describe, QkvError } from './errors.js';
import { type Geometry, withColumns } from './geometry.js';
import type { Heap } from './heap.js';
import type { Module } from './module.js';
import { CAPTURED } from './options.js';
import { InMemory, Resident } from './resident.js';
import type { Captured } from './types.js';

const UNBOUNDED = 2 ** 31 - 1;

/** Sizes of the problem, as qkv::Extents has them. */
interface Extents {
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
    i32.fill(0, start, start + (m.Problem_size >> 2));

    const extents = extentsOf(call);
    i32.set(Object.values(extents), start + (m.Problem_extents >> 2));
    f32[start + (m.Problem_scale >> 2)] = call.scale ?? Number.NaN;
    f32[start + (m.Problem_softcap >> 2)] = call.softcap;
    i32[start + (m.Problem_causal >> 2)] = Number(call.isCausal);
    i32[start + (m.Problem_align_end >> 2)] = Number(call.queryOffset === 'end');
    i32[start + (m.Problem_window_left >> 2)] = call.windowLeft ?? UNBOUNDED;
    i32[start + (m.Problem_window_right >> 2)] = call.windowRight ?? UNBOUNDED;
    i32.set(call.mask?.extents ?? [1, 1, 1, 1], start + (m.Problem_mask >> 2) + 1);
    i32.set(call.bias?.extents ?? [1, 1, 1, 1], start + (m.Problem_bias >> 2) + 1);
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

  /** Asks the core whether the problem is one; its answer becomes an error in the caller's words. */
  expectValid(call: Call): void {
    const m = this.#module;
    m.validate(this.#problem, this.#status);
    const { i32 } = this.#heap;
    const start = this.#status >> 2;
    if (i32[start] === 0) return; // a view of five numbers would cost more than the check
    const [code, argument, index, expected, received] = i32.subarray(start, start + 5);
    throw errorOf(
      call,
      nameIn(m.Code, code as number),
      nameIn(m.Argument, argument as number),
      index as number,
      expected as number,
      received as number,
    );
  }

  workspaceBytes(): number {
    return this.#module.workspaceBytes(this.#problem);
  }

  /** Writes the addresses and copies the inputs to them. */
  fill(call: Call, placement: Placement, base: number): void {
    const m = this.#module;
    const { i32, f32, u8 } = this.#heap;
    const start = this.#problem >> 2;
    const address = (offset: number | undefined) => (offset === undefined ? 0 : base + offset);
    const pointer = (member: number, offset: number | undefined) => {
      i32[start + (member >> 2)] = address(offset);
    };

    const tensor = (member: number, at: number, { strides }: Operand['geometry']) => {
      i32.set([at, strides.batch, strides.head, strides.row], start + (member >> 2));
    };
    for (const [member, operand, offset] of [
      [m.Problem_query, call.query, placement.query],
      [m.Problem_key, call.key, placement.key],
      [m.Problem_value, call.value, placement.value],
    ] as const) {
      if (offset !== undefined) f32.set(operand.source.data, (base + offset) >>> 2);
      const resident = operand.source as InMemory;
      tensor(
        member,
        offset === undefined
          ? (resident.addressIn(this.#heap, operand.argument) as number)
          : base + offset,
        operand.geometry,
      );
    }
    const at =
      placement.output === undefined
        ? ((call.out as Resident).addressIn(this.#heap, 'out') as number)
        : base + placement.output;
    tensor(m.Problem_output, at, withColumns(call.query.geometry, call.value.geometry.columns));

    pointer(m.Problem_mask, placement.mask);
    if (call.mask) u8.set(call.mask.source.data, address(placement.mask));
    pointer(m.Problem_bias, placement.bias);
    if (call.bias) f32.set(call.bias.source.data, address(placement.bias) >>> 2);
    for (const [member, values, offset, view] of [
      [m.Problem_query_offset, call.queryOffset, placement.queryOffset, i32],
      [m.Problem_key_lengths, call.keyLengths, placement.keyLengths, i32],
      [m.Problem_alibi_slopes, call.alibiSlopes, placement.alibiSlopes, f32],
      [m.Problem_sinks, call.sinks, placement.sinks, f32],
    ] as const) {
      pointer(member, offset);
      if (offset !== undefined) view.set(values as readonly number[], address(offset) >>> 2);
    }
    CAPTURED.forEach((name, i) => {
      i32[start + (m.Problem_capture >> 2) + i] = address(placement.captures[name]);
    });
  }
}

function extentsOf({ query, key, value }: Call): Extents {
  const q = query.geometry;
  const k = key.geometry;
  const v = value.geometry;
  const same = (
    argument: string,
    what: string,
    expected: number,
    received: number,
    like: string,
  ) => {
    if (expected === received) return;
    throw new QkvError('ERR_SHAPE', {
      argument,
      expected: `${what} ${expected}, as ${like}`,
      received: `${received}: query ${describe(query.shape)}, key ${describe(key.shape)}, value ${describe(value.shape)}`,
    });
  };
  same('key', 'batch', q.batch, k.batch, 'query has');
  same('value', 'batch', k.batch, v.batch, 'key has');
  same('key', 'depth (last dimension)', q.columns, k.columns, 'query has');
  same('value', 'heads', k.heads, v.heads, 'key has');
  same('value', 'rows', k.rows, v.rows, 'key has');
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

/** Lays the parts of a call out one after the other, each on a boundary of 64 bytes. */
export function place(call: Call, extents: Extents, heap: Heap, workspaceBytes: number): Placement {
  const bump = new Bump();
  const take = (size: number) => bump.take(size);
  const input = ({ source, argument }: Operand) =>
    source instanceof InMemory && source.addressIn(heap, argument) !== undefined
      ? undefined
      : take(source.data.byteLength);
  const list = (values: readonly unknown[] | undefined) => values && take(values.length * 4);

  const rows = extents.batch * extents.heads * extents.queries;
  const captures: Partial<Record<Captured, number>> = {};
  const placed = {
    query: input(call.query),
    key: input(call.key),
    value: input(call.value),
    mask: call.mask && take(call.mask.source.data.byteLength),
    bias: call.bias && take(call.bias.source.data.byteLength),
    queryOffset: Array.isArray(call.queryOffset) ? list(call.queryOffset) : undefined,
    keyLengths: list(call.keyLengths),
    alibiSlopes: list(call.alibiSlopes),
    sinks: list(call.sinks),
    output:
      call.out instanceof Resident && call.out.addressIn(heap, 'out') !== undefined
        ? undefined
        : take(rows * extents.valueDepth * 4),
  };
  for (const name of call.capture) {
    captures[name] = take(4 * rows * (name === 'logSumExp' ? 1 : extents.keys));
  }
  const workspace = take(workspaceBytes);
  return { ...placed, captures, workspace, bytes: bump.bytes };
}

function nameIn(names: Module['Code'], value: number): string {
  return Object.keys(names).find((name) => names[name]?.value === value) ?? `${value}`;
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
    default:
      return new QkvError('ERR_VALUE', {
        argument,
        expected: code.replaceAll('_', ' '),
        received: `${received}`,
      });
  }
}
