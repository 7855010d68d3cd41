import { advice, describe, QkvError } from '../errors.js';
import { elementsOf } from '../shape.js';
import type { RotaryOptions } from '../types.js';
import { type Geometry, geometryOf, readLayout } from './geometry.js';
import { type Raw, readOwn } from './named-options.js';
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
] as const satisfies readonly (keyof RotaryOptions)[];
const DEFAULT_BASE = 10000;

type RawOptions = Raw<(typeof ROTARY_OPTIONS)[number]>;

interface Tables {
  readonly cos: TensorData;
  readonly sin: TensorData;
}

/** One call of rotaryEmbedding(), read from its arguments. */
export interface Rotary {
  readonly x: TensorData;
  readonly geometry: Geometry;
  readonly rotaryDepth: number;
  readonly interleaved: boolean;
  /** [B, L]: rows of the tables, or positions if there are no tables. */
  readonly positions: readonly number[];
  readonly tables: Tables | undefined;
  readonly base: number;
}

export function readRotary(input: unknown, options: unknown): Rotary {
  const raw = readOwn('options', options, ROTARY_OPTIONS);
  const x = readTensor('x', input);
  const geometry = geometryOf('x', x.shape, readLayout(raw.layout));
  const rotaryDepth = readRotaryDepth(raw.rotaryDim, geometry.columns);
  const base = readBase(raw.base);
  const tables = readTables(raw, rotaryDepth);
  const positions = readPositions(raw.positions, geometry, tables?.cos.shape);
  // Last: code of the caller ran until here.
  expectStorage('x', x);
  if (tables) {
    expectStorage('cos', tables.cos);
    expectStorage('sin', tables.sin);
  }
  const interleaved = raw.interleaved !== undefined && asBoolean('interleaved', raw.interleaved);
  return { x, geometry, rotaryDepth, interleaved, positions, tables, base };
}

/** 0 is the whole depth, as in ONNX. */
function readRotaryDepth(given: unknown, depth: number): number {
  const rotaryDepth =
    given === undefined ? depth : asInteger('rotaryDim', given, 0, depth) || depth;
  if (rotaryDepth % 2 === 0) return rotaryDepth;
  throw new QkvError('ERR_SHAPE', {
    argument: given === undefined ? 'x' : 'rotaryDim',
    expected: 'an even number of components to rotate in pairs',
    received: `${rotaryDepth}`,
    fix: advice`Give an even rotaryDim; components beyond it pass unchanged.`,
  });
}

function readBase(given: unknown): number {
  const base = given === undefined ? DEFAULT_BASE : asNumber('base', given);
  if (base >= 1 && base < Number.POSITIVE_INFINITY) return base;
  throw new QkvError('ERR_VALUE', {
    argument: 'base',
    expected: 'a finite number of at least 1',
    received: `${base}`,
  });
}

function readTables(raw: RawOptions, rotaryDepth: number): Tables | undefined {
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
  for (const [argument, { shape }] of Object.entries({ cos, sin })) {
    const isSame = describe(shape) === describe(cos.shape);
    if (shape.length >= 2 && shape.length <= 3 && shape.at(-1) === rotaryDepth / 2 && isSame)
      continue;
    throw new QkvError('ERR_SHAPE', {
      argument,
      expected: `[positions, ${rotaryDepth / 2}] or [B, L, ${rotaryDepth / 2}], cos and sin alike`,
      received: describe(shape),
    });
  }
  return { cos, sin };
}

/** A position for each row of x. `table` is the shape of the tables, if there are any. */
function readPositions(
  given: unknown,
  { batch, rows }: Geometry,
  table: readonly number[] | undefined,
): number[] {
  if (table?.length === 3) return positionsOfRows(given, batch, rows, table);
  const tableRows = table?.[0];
  const least = table ? 0 : INT32_MIN;
  const most = tableRows === undefined ? INT32_MAX : tableRows - 1;
  const one = (argument: string, value: unknown) => asInteger(argument, value, least, most);
  const perRow = { count: rows, of: 'row' };
  if (Array.isArray(given) && (Array.isArray(given[0]) || typeOfArray(given[0]))) {
    expectListPerBatch(given, batch);
    return given.flatMap((list, b) => asNumbers(`positions[${b}]`, list, perRow, one));
  }
  const perBatch = (positions: readonly number[]) =>
    Array.from({ length: batch }, () => positions).flat();
  if (Array.isArray(given) || typeOfArray(given))
    return perBatch(asNumbers('positions', given, perRow, one));
  const first = given === undefined ? 0 : asInteger('positions', given, least, INT32_MAX - rows);
  const positions = perBatch(Array.from({ length: rows }, (_, i) => first + i));
  expectTableRows(positions.at(-1), tableRows);
  return positions;
}

/** Tables [B, L, R/2] have a row for each row of x, so there are no positions. */
function positionsOfRows(
  given: unknown,
  batch: number,
  rows: number,
  table: readonly number[],
): number[] {
  if (given !== undefined || table[0] !== batch || table[1] !== rows) {
    throw new QkvError(given === undefined ? 'ERR_SHAPE' : 'ERR_OPTION', {
      argument: given === undefined ? 'cos' : 'positions',
      expected: `tables [${batch}, ${rows}, R/2] with a row for each row of x, or [positions, R/2]`,
      received: `${describe(table)}${given === undefined ? '' : ' with positions'}`,
    });
  }
  return Array.from({ length: elementsOf([batch, rows]) }, (_, i) => i);
}

function expectListPerBatch(lists: readonly unknown[], batch: number): void {
  if (lists.length === batch) return;
  throw new QkvError('ERR_SHAPE', {
    argument: 'positions',
    expected: `${batch} lists, one for each batch element`,
    received: `${lists.length}`,
  });
}

function expectTableRows(last: number | undefined, tableRows: number | undefined): void {
  if (last === undefined || tableRows === undefined || last < tableRows) return;
  throw new QkvError('ERR_SHAPE', {
    argument: 'cos',
    expected: `a row for each position up to ${last}`,
    received: `${tableRows} rows`,
  });
}
