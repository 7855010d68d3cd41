import { advice, describe, QkvError } from '../errors.js';
import { moved } from '../memory/following.js';
import { Resident } from '../memory/resident.js';
import { elementsOf } from '../shape.js';
import { adviceForRow, areFloats, floatsOf, notFloats } from './float-data.js';
import { flatten } from './nested-arrays.js';
import { expectFloat32, INT32_MAX } from './scalars.js';
import { asPlainView, isDetached, type TypedArray, typeOfArray } from './typed-arrays.js';

/** The numbers of an input and their shape. */
export interface TensorData<Data extends TypedArray = Float32Array> {
  readonly data: Data;
  readonly shape: readonly number[];
}

/** Reads a tensor or nested arrays of numbers. */
export function readTensor(argument: string, input: unknown): TensorData {
  if (Array.isArray(input)) {
    const { shape, values } = flatten(argument, input, { check: expectNumber, read: floatsOfRow });
    return { data: Float32Array.from(values as number[]), shape };
  }
  if (input instanceof Resident) {
    const { shape } = input;
    return {
      get data() {
        input.expectInUse(argument); // whenever it is looked at
        return input.data;
      },
      shape,
    };
  }
  const { data, shape, type } = readGiven(
    argument,
    input,
    'Float32Array',
    'nested arrays of numbers',
  );
  if (typeOfArray(data) === 'Float32Array')
    return new PlainTensor(argument, asPlainView(data as Float32Array), shape);
  if (typeof data !== 'object' || data === null) throw notFloats(argument, data, 0, type);
  return readOtherFloats(argument, data, readShape(argument, shape), type);
}

/** A copy, because the core computes in float32. */
function readOtherFloats(
  argument: string,
  data: object,
  shape: readonly number[],
  type: unknown,
): TensorData {
  const view = typeOfArray(data) ? asPlainView(data as TypedArray) : undefined;
  if (view === undefined || !areFloats(view, type))
    throw notFloats(argument, data, elementsOf(shape), type);
  expectStorage(argument, { data: view, shape });
  return { data: floatsOf(`${argument}.data`, view), shape };
}

function expectNumber(argument: string, item: unknown): void {
  if (typeof item === 'number') {
    expectFloat32(argument, item);
    return;
  }
  throw new QkvError('ERR_TYPE', {
    argument,
    expected: 'a number',
    received: describe(item),
    ...(typeof item === 'boolean' &&
      argument.startsWith('bias') && { fix: advice`Booleans are a mask: give them as mask.` }),
  });
}

function floatsOfRow(argument: string, row: TypedArray): ArrayLike<unknown> {
  if (typeOfArray(row) === 'Float32Array') return row as Float32Array;
  if (areFloats(row)) return floatsOf(argument, row);
  throw new QkvError('ERR_TYPE', {
    argument,
    expected: 'a row of floats',
    received: describe(row),
    fix: adviceForRow(row),
  });
}

/** What a tensor object of the caller has, each property read once. */
interface Given {
  readonly data: unknown;
  readonly shape: unknown;
  /** The type of its elements, in onnxruntime's words. */
  readonly type: unknown;
}

/** Reads an object of the caller's or of another library: own or inherited properties, with `shape` or `dims`. */
export function readGiven(argument: string, input: unknown, type: string, nested: string): Given {
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: `{ data: ${type}, shape } or ${nested}`,
      received: describe(input),
      ...(ArrayBuffer.isView(input) && {
        fix: advice`Give its shape: \`{ data, shape: [rows, columns] }\`.`,
      }),
    });
  }
  const { data, shape, dims, type: elements } = input as Partial<Given> & { dims?: unknown };
  if (dims !== undefined && shape !== undefined && String(dims) !== String(shape)) {
    throw new QkvError('ERR_SHAPE', {
      argument: `${argument}.dims`,
      expected: 'the same as shape',
      received: describe(dims),
    });
  }
  return { data, shape: shape ?? dims, type: elements };
}

/** A tensor of the caller. If its data is a view of WebAssembly memory, it follows the growth of that. */
export class PlainTensor<Data extends Float32Array | Uint8Array> implements TensorData<Data> {
  readonly shape: readonly number[];
  readonly #view: Data;
  readonly #length: number;
  readonly #byteOffset: number;

  constructor(argument: string, view: Data, shape: unknown) {
    this.#view = view;
    this.#length = view.length;
    this.#byteOffset = view.byteOffset;
    this.shape = readShape(argument, shape); // last: it may run code that makes the memory grow
  }

  get data(): Data {
    return this.#view.length === this.#length
      ? this.#view
      : moved(this.#view, this.#byteOffset, this.#length);
  }
}

/** A copy of a shape: integers of at least 0, with an int32 product. */
export function readShape(argument: string, shape: unknown): number[] {
  if (!Array.isArray(shape)) {
    throw new QkvError('ERR_TYPE', {
      argument: `${argument}.shape`,
      expected: 'an array of dimensions',
      received: describe(shape),
    });
  }
  const dimensions: unknown[] = [];
  for (let i = 0; i < shape.length; ++i) dimensions.push(shape[i]); // a getter may be one
  for (let i = 0; i < dimensions.length; ++i) {
    const dimension = dimensions[i];
    if (Number.isInteger(dimension) && (dimension as number) >= 0) continue;
    throw new QkvError('ERR_SHAPE', {
      argument: `${argument}.shape`,
      expected: 'integers of at least 0',
      received: describe(dimensions),
    });
  }
  const sizes = dimensions as number[];
  if (!areAddressable(sizes)) {
    throw new QkvError('ERR_SIZE', {
      argument: `${argument}.shape`,
      expected: `at most ${INT32_MAX} elements`,
      received: `${describe(sizes)}, ${sizes.reduce((a, b) => a * b, 1)} elements`,
    });
  }
  return sizes;
}

function areAddressable(sizes: readonly number[]): boolean {
  for (let i = 0; i < sizes.length; ++i) {
    if ((sizes[i] as number) > INT32_MAX) return false;
  }
  return elementsOf(sizes) <= INT32_MAX;
}

/** Throws if the data is detached or has another length than the shape says. Runs no code of the caller. */
export function expectStorage(
  argument: string,
  { data, shape }: TensorData<TypedArray>,
  name = `${argument}.data`,
): void {
  const expected = elementsOf(shape);
  if (data.length === expected) return;
  if (isDetached(data)) {
    throw new QkvError('ERR_DETACHED', {
      argument: name,
      expected: `${expected} elements for shape ${describe([...shape])}`,
      received: 'an array whose buffer was detached (transferred) or shrunk',
      fix: advice`Give an array that was not transferred: make \`data.slice()\` before the transfer.`,
    });
  }
  throw new QkvError('ERR_SHAPE', {
    argument: name,
    expected: `${expected} elements for shape ${describe([...shape])}`,
    received: `${data.length}`,
  });
}
