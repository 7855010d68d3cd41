import type { MainModule } from '../loading/glue.js';
import type { Heap } from '../memory/heap.js';
import { ListMemory } from '../memory/list-memory.js';
import type { InMemory, Resident } from '../memory/resident.js';
import type { Captured } from '../types.js';
import { type Call, type Operand, tensorsOf } from './call.js';
import { CAPTURES } from './captures.js';
import { type Extents, extentsOf } from './extents.js';
import { type Geometry, withColumns } from './geometry.js';
import type { AnyKind, ProblemMember, ProblemWriter } from './option-kinds.js';
import { OPTIONS, type OptionName } from './options.js';
import type { Placement } from './placement.js';
import { biasError, refusal } from './status.js';

/** qkv::Problem in WebAssembly memory, written by the names of its members, and what the core says of it. */
export class ProblemMemory implements ProblemWriter {
  readonly #module: MainModule;
  readonly #heap: Heap;
  readonly #problem: number;
  readonly #status: number;
  /** Allocated in advance, so that the core can check lists before a call allocates anything. */
  readonly #lists: ListMemory;

  constructor(module: MainModule, heap: Heap) {
    this.#module = module;
    this.#heap = heap;
    this.#problem = heap.allocate(module.Problem_size);
    this.#status = heap.allocate(module.Status_size);
    this.#lists = new ListMemory(heap);
  }

  get address(): number {
    return this.#problem;
  }

  /** Writes all but the addresses of tensors, which need an allocation. */
  describe(call: Call): Extents {
    this.#module.clearProblem(this.#problem);
    const extents = extentsOf(call);
    this.#writeExtents(extents);
    this.#writeStrides(call);
    this.#lists.clear();
    for (const name of Object.keys(call.options) as OptionName[]) {
      const kind: AnyKind = OPTIONS[name].kind;
      kind.write(this, call.options[name] as never);
    }
    this.#lists.write((member, address) => this.setInt(member as ProblemMember, address));
    // Not null, so that the core checks whether the captures are too large.
    this.#writeCaptures(call, () => this.#problem);
    return extents;
  }

  /** Throws if the core refuses the problem. */
  expectValid(call: Call): void {
    if (this.#module.validate(this.#problem, this.#status) === 0) {
      this.#lists.shrink();
      throw refusal(this.#module, this.#heap, this.#status, call);
    }
    for (const { name, source } of tensorsOf(call.options)) {
      if (source.data instanceof Float32Array) this.#expectBiasValues(name, source.data);
    }
  }

  /** The bias is not in memory yet, so the core checks a copy in pieces. */
  #expectBiasValues(name: string, data: Float32Array): void {
    const { address, floats } = this.#lists.rest();
    for (let start = 0; start < data.length; start += floats) {
      const piece = data.subarray(start, start + floats);
      this.#heap.f32.set(piece, address >>> 2);
      const at = this.#module.findBadBias(address, piece.length);
      if (at >= 0) throw biasError(`${name}.data[${start + at}]`, piece[at]);
    }
  }

  /** Bytes of scratch memory that the core needs beside inputs and results. */
  get workspaceBytes(): number {
    return this.#module.workspaceBytes(this.#problem);
  }

  /** Position of query 0 of a batch element on the key axis. */
  queryOffset(batch: number): number {
    return this.#module.queryOffset(this.#problem, batch);
  }

  /** How many of the keys [first, end) a query attends, masks apart. */
  attendedKeys(batch: number, query: number, first: number, end: number): number {
    return this.#module.attendedKeys(this.#problem, batch, query, first, end);
  }

  /** Copies the inputs to memory and writes their addresses. */
  fill(call: Call, placement: Placement, base: number): void {
    const m = this.#module;
    this.#fillOperand(m.Problem_query, call.query, placement.query, base);
    this.#fillOperand(m.Problem_key, call.key, placement.key, base);
    this.#fillOperand(m.Problem_value, call.value, placement.value, base);
    const output =
      placement.output === undefined
        ? ((call.out as Resident).addressIn(this.#heap, 'out') as number)
        : base + placement.output;
    this.#put(m.Problem_output + m.Tensor_data, output);
    for (const { name, member, source } of tensorsOf(call.options)) {
      const address = base + (placement.tensors[name] as number);
      this.#put(m[member] + m.Broadcast_data, address);
      if (source.data instanceof Float32Array) this.#heap.f32.set(source.data, address >>> 2);
      else this.#heap.u8.set(source.data, address);
    }
    this.#writeCaptures(call, (name) => base + (placement.captures[name] as number));
  }

  /** Writes the members that qkv::merge reads. */
  describeMerge(geometry: Geometry, output: number, logSumExp: number): void {
    const m = this.#module;
    m.clearProblem(this.#problem);
    const { batch, heads, rows, columns, strides } = geometry;
    const sizes = { batch, heads, keyHeads: heads, queries: rows, keys: 0, depth: 0 };
    this.#writeExtents({ ...sizes, valueDepth: columns });
    this.writeTensor(this.#problem + m.Problem_output, output, strides);
    this.#put(m.Problem_capture + m.Capture_log_sum_exp, logSumExp);
  }

  /** The core looks at them when it checks sizes. */
  #writeStrides({ query, key, value }: Call): void {
    const m = this.#module;
    const output = withColumns(query.geometry, value.geometry.columns);
    this.writeTensor(this.#problem + m.Problem_query, 0, query.geometry.strides);
    this.writeTensor(this.#problem + m.Problem_key, 0, key.geometry.strides);
    this.writeTensor(this.#problem + m.Problem_value, 0, value.geometry.strides);
    this.writeTensor(this.#problem + m.Problem_output, 0, output.strides);
  }

  /** Writes a qkv::Tensor. */
  writeTensor(at: number, address: number, strides: Geometry['strides']): void {
    const { i32 } = this.#heap;
    const m = this.#module;
    i32[(at + m.Tensor_data) >>> 2] = address;
    i32[(at + m.Tensor_batch_stride) >>> 2] = strides.batch;
    i32[(at + m.Tensor_head_stride) >>> 2] = strides.head;
    i32[(at + m.Tensor_row_stride) >>> 2] = strides.row;
  }

  setFloat(member: ProblemMember, value: number): void {
    this.#heap.f32[(this.#problem + this.#module[member]) >>> 2] = value;
  }

  setInt(member: ProblemMember, value: number): void {
    this.#put(this.#module[member], value);
  }

  setFloats(member: ProblemMember, values: readonly number[]): void {
    this.#lists.add(member, values, 'f32');
  }

  setInts(member: ProblemMember, values: readonly number[]): void {
    this.#lists.add(member, values, 'i32');
  }

  setExtents(member: ProblemMember, extents: readonly number[]): void {
    const start = this.#module[member] + this.#module.Broadcast_extents;
    for (let axis = 0; axis < 4; ++axis) this.#put(start + 4 * axis, extents[axis] as number);
  }

  #put(offset: number, value: number): void {
    this.#heap.i32[(this.#problem + offset) >>> 2] = value;
  }

  #writeCaptures({ capture }: Call, addressOf: (name: Captured) => number): void {
    const m = this.#module;
    for (const name of capture)
      this.#put(m.Problem_capture + m[CAPTURES[name].member], addressOf(name));
  }

  #writeExtents(extents: Extents): void {
    const m = this.#module;
    const start = m.Problem_extents;
    this.#put(start + m.Extents_batch, extents.batch);
    this.#put(start + m.Extents_heads, extents.heads);
    this.#put(start + m.Extents_key_heads, extents.keyHeads);
    this.#put(start + m.Extents_queries, extents.queries);
    this.#put(start + m.Extents_keys, extents.keys);
    this.#put(start + m.Extents_depth, extents.depth);
    this.#put(start + m.Extents_value_depth, extents.valueDepth);
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
    this.#put(member + this.#module.Tensor_data, address);
  }
}

/** A loop copies this few numbers faster than set(). */
const FEW = 32;

function copyTo(memory: Float32Array, start: number, data: Float32Array): void {
  if (data.length > FEW) memory.set(data, start);
  else for (let i = 0; i < data.length; ++i) memory[start + i] = data[i] as number;
}
