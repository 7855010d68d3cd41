import { describe, QkvError } from '../errors.js';
import { Bump } from '../memory/bump.js';
import { readResult } from '../memory/results.js';
import type { Tensor } from '../types.js';
import type { Engine } from './engine.js';
import { type Geometry, geometryOf } from './geometry.js';
import { asOneOf, readOwn } from './named-options.js';
import { asBoolean, asInteger, asNumber, asNumbers, INT32_MAX, INT32_MIN } from './scalars.js';
import { expectStorage, readTensor, type TensorData } from './tensors.js';
import { typeOfArray } from './typed-arrays.js';

const ROTARY_OPTIONS = [
  'base',
  'cos',
  'sin',
  'positions',
  'interleaved',
  'rotaryDim',
  'layout',
] as const;
const DEFAULT_BASE = 10000;

export interface Rotary {
  readonly x: TensorData;
  readonly geometry: Geometry;
  readonly rotaryDepth: number;
  readonly interleaved: boolean;
  /** [B, L]: row of the tables, or position on the axis if there are none. */
  readonly positions: readonly number[];
  readonly tables: { readonly cos: TensorData; readonly sin: TensorData } | undefined;
  readonly base: number;
}

export function readRotary(input: unknown, options: unknown): Rotary {
  const raw = readOwn('options', options, ROTARY_OPTIONS);
  const layout =
    raw.layout === undefined ? 'bhld' : asOneOf('layout', raw.layout, ['bhld', 'blhd']);
  const x = readTensor('x', input);
  const geometry = geometryOf('x', x.shape, layout);
  const rotaryDepth =
    raw.rotaryDim === undefined
      ? geometry.columns
      : asInteger('rotaryDim', raw.rotaryDim, 0, geometry.columns) || geometry.columns;
  if (rotaryDepth % 2 !== 0) {
    throw new QkvError('ERR_SHAPE', {
      argument: raw.rotaryDim === undefined ? 'x' : 'rotaryDim',
      expected: 'an even number of components to rotate in pairs',
      received: `${rotaryDepth}`,
      fix: 'Give an even rotaryDim; components beyond it pass unchanged.',
    });
  }
  const base = raw.base === undefined ? DEFAULT_BASE : asNumber('base', raw.base);
  if (base < 1 || base === Number.POSITIVE_INFINITY) {
    throw new QkvError('ERR_VALUE', {
      argument: 'base',
      expected: 'a finite number of at least 1',
      received: `${base}`,
    });
  }
  const tables = readTables(raw, rotaryDepth);
  const positions = readPositions(raw.positions, geometry, tables);
  // Last: until here code of the caller's ran.
  expectStorage('x', x);
  if (tables) {
    expectStorage('cos', tables.cos);
    expectStorage('sin', tables.sin);
  }
  return {
    x,
    geometry,
    rotaryDepth,
    interleaved: raw.interleaved !== undefined && asBoolean('interleaved', raw.interleaved),
    positions,
    tables,
    base,
  };
}

function readTables(raw: { cos?: unknown; sin?: unknown; base?: unknown }, rotaryDepth: number) {
  if (raw.cos === undefined && raw.sin === undefined) return undefined;
  const missing = raw.cos === undefined ? 'cos' : raw.sin === undefined ? 'sin' : undefined;
  if (missing !== undefined || raw.base !== undefined) {
    throw new QkvError('ERR_OPTION', {
      argument: missing ?? 'base',
      expected: 'cos and sin together, or a base',
      received: missing === undefined ? 'both' : 'one table of two',
    });
  }
  const cos = readTensor('cos', raw.cos);
  const sin = readTensor('sin', raw.sin);
  for (const [argument, table] of [
    ['cos', cos],
    ['sin', sin],
  ] as const) {
    const { shape } = table;
    const same = describe(shape) === describe(cos.shape);
    if (shape.length < 2 || shape.length > 3 || shape.at(-1) !== rotaryDepth / 2 || !same) {
      throw new QkvError('ERR_SHAPE', {
        argument,
        expected: `[positions, ${rotaryDepth / 2}] or [B, L, ${rotaryDepth / 2}], cos and sin alike`,
        received: describe(shape),
      });
    }
  }
  return { cos, sin };
}

function readPositions(
  given: unknown,
  { batch, rows }: Geometry,
  tables: { readonly cos: TensorData } | undefined,
): number[] {
  const tableRows = tables?.cos.shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const least = tables ? 0 : INT32_MIN;
  const most = tableRows === undefined ? INT32_MAX : tableRows - 1;
  const one = (argument: string, value: unknown) => asInteger(argument, value, least, most);
  const perRow = { count: rows, of: 'row' };
  const count = (start: number) => Array.from({ length: rows }, (_, i) => start + i);
  const repeat = (positions: readonly number[]) =>
    Array.from({ length: batch }, () => positions).flat();

  const ofRows = tables?.cos.shape.length === 3; // [B, L, R/2]: a row for each row of x
  const [tableBatch, tableLength] = tables?.cos.shape ?? [];
  if (ofRows && (given !== undefined || tableBatch !== batch || tableLength !== rows)) {
    throw new QkvError(given === undefined ? 'ERR_SHAPE' : 'ERR_OPTION', {
      argument: given === undefined ? 'cos' : 'positions',
      expected: `tables [${batch}, ${rows}, R/2] with a row for each row of x, or [positions, R/2]`,
      received: `${describe(tables?.cos.shape)}${given === undefined ? '' : ' with positions'}`,
    });
  }

  if (Array.isArray(given) && Array.isArray(given[0])) {
    if (given.length !== batch) {
      throw new QkvError('ERR_SHAPE', {
        argument: 'positions',
        expected: `${batch} lists, one for each batch element`,
        received: `${given.length}`,
      });
    }
    const lists = given.map((list, b) => asNumbers(`positions[${b}]`, list, perRow, one));
    return lists.flat();
  }
  if (Array.isArray(given) || typeOfArray(given)) {
    return repeat(asNumbers('positions', given, perRow, one));
  }
  const start = given === undefined ? 0 : asInteger('positions', given, least, INT32_MAX - rows);
  const positions = ofRows
    ? Array.from({ length: batch * rows }, (_, i) => i)
    : repeat(count(start));
  if (tableRows !== undefined && positions.length > 0 && (positions.at(-1) as number) > most) {
    throw new QkvError('ERR_SHAPE', {
      argument: 'cos',
      expected: `a row for each position up to ${positions.at(-1)}`,
      received: `${tableRows} rows`,
    });
  }
  return positions;
}

export function runRotary(rotary: Rotary, { module, heap, problem, scratch }: Engine): Tensor {
  const { x, geometry, rotaryDepth, positions, tables, base } = rotary;
  const { batch, heads, rows, columns, strides } = geometry;
  // Without tables each row gets its own.
  const tableBytes = tables?.cos.data.byteLength ?? 2 * rotaryDepth * positions.length;
  const bump = new Bump(heap.alignment);
  const at = {
    input: bump.take(x.data.byteLength),
    output: bump.take(x.data.byteLength),
    positions: bump.take(4 * positions.length),
    rows: bump.take(4 * positions.length),
    cos: bump.take(tableBytes),
    sin: bump.take(tableBytes),
    rotary: bump.take(module.Rotary_size),
  };
  const start = scratch.reserve(bump.bytes);
  heap.f32.set(x.data, (start + at.input) >>> 2);
  heap.i32.set(positions, (start + at.positions) >>> 2);
  if (tables) {
    heap.f32.set(tables.cos.data, (start + at.cos) >>> 2);
    heap.f32.set(tables.sin.data, (start + at.sin) >>> 2);
  } else {
    heap.i32.set([...positions.keys()], (start + at.rows) >>> 2);
    module.rotaryTables(
      start + at.positions,
      positions.length,
      rotaryDepth,
      base,
      start + at.cos,
      start + at.sin,
    );
  }
  const struct = start + at.rotary;
  const write = (offset: number, value: number) => {
    heap.i32[(struct + offset) >>> 2] = value;
  };
  write(module.Rotary_batch, batch);
  write(module.Rotary_heads, heads);
  write(module.Rotary_rows, rows);
  write(module.Rotary_depth, columns);
  write(module.Rotary_rotary_depth, rotaryDepth);
  write(module.Rotary_interleaved, Number(rotary.interleaved));
  problem.writeTensor(struct + module.Rotary_input, start + at.input, strides);
  problem.writeTensor(struct + module.Rotary_output, start + at.output, strides);
  write(module.Rotary_positions, start + (tables ? at.positions : at.rows));
  write(module.Rotary_cos, start + at.cos);
  write(module.Rotary_sin, start + at.sin);
  module.rotaryEmbedding(struct);
  return readResult(heap, start + at.output, x.shape);
}
