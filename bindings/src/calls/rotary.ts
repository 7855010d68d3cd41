import { Bump } from '../memory/bump.js';
import { readResult } from '../memory/results.js';
import type { ResultTensor } from '../types.js';
import type { Engine } from './engine.js';
import type { Rotary } from './rotary-options.js';

/** Addresses of the parts of a call. */
interface Addresses {
  readonly input: number;
  readonly output: number;
  readonly positions: number;
  /** Rows of the tables that are computed: one for each row of x, 0, 1, 2 … */
  readonly rows: number;
  readonly cos: number;
  readonly sin: number;
  /** qkv::Rotary. */
  readonly struct: number;
}

export function runRotary(rotary: Rotary, engine: Engine): ResultTensor {
  const { module, heap } = engine;
  const { x, positions, tables } = rotary;
  const at = allocate(rotary, engine);
  heap.f32.set(x.data, at.input >>> 2);
  heap.i32.set(positions, at.positions >>> 2);
  if (tables) {
    heap.f32.set(tables.cos.data, at.cos >>> 2);
    heap.f32.set(tables.sin.data, at.sin >>> 2);
  } else {
    heap.i32.set([...positions.keys()], at.rows >>> 2);
    const { rotaryDepth, base } = rotary;
    module.rotaryTables(at.positions, positions.length, rotaryDepth, base, at.cos, at.sin);
  }
  writeStruct(rotary, at, engine);
  module.rotaryEmbedding(at.struct);
  return readResult(heap, at.output, x.shape);
}

function allocate({ x, positions, tables, rotaryDepth }: Rotary, engine: Engine): Addresses {
  const { module, heap, scratch } = engine;
  const tableBytes = tables?.cos.data.byteLength ?? 2 * rotaryDepth * positions.length;
  const bump = new Bump(heap.alignment);
  const offsets: Addresses = {
    input: bump.take(x.data.byteLength),
    output: bump.take(x.data.byteLength),
    positions: bump.take(4 * positions.length),
    rows: bump.take(4 * positions.length),
    cos: bump.take(tableBytes),
    sin: bump.take(tableBytes),
    struct: bump.take(module.Rotary_size),
  };
  const start = scratch.reserve(bump.bytes);
  const addresses = Object.entries(offsets).map(([name, offset]) => [name, start + offset]);
  return Object.fromEntries(addresses) as Addresses;
}

function writeStruct(rotary: Rotary, at: Addresses, { module, heap, problem }: Engine): void {
  const { batch, heads, rows, columns, strides } = rotary.geometry;
  const write = (offset: number, value: number) => {
    heap.i32[(at.struct + offset) >>> 2] = value;
  };
  write(module.Rotary_batch, batch);
  write(module.Rotary_heads, heads);
  write(module.Rotary_rows, rows);
  write(module.Rotary_depth, columns);
  write(module.Rotary_rotary_depth, rotary.rotaryDepth);
  write(module.Rotary_interleaved, Number(rotary.interleaved));
  problem.writeTensor(at.struct + module.Rotary_input, at.input, strides);
  problem.writeTensor(at.struct + module.Rotary_output, at.output, strides);
  write(module.Rotary_positions, rotary.tables ? at.positions : at.rows);
  write(module.Rotary_cos, at.cos);
  write(module.Rotary_sin, at.sin);
}
