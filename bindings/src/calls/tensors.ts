import { describe, QkvError } from '../errors.js';
import { following, moved } from '../memory/following.js';
import { Resident } from '../memory/resident.js';
import { elementsOf } from '../shape.js';
import { flatten } from './nested-arrays.js';
import { INT32_MAX } from './scalars.js';
import { asPlainView, isDetached, typeOfArray } from './typed-arrays.js';

/** The numbers of an input and their shape. */
export interface TensorData<Data extends Float32Array | Uint8Array = Float32Array> {
  readonly data: Data;
  readonly shape: readonly number[];
}

/** Reads a tensor or nested arrays of numbers. */
export function readTensor(argument: string, input: unknown): TensorData {
  if (Array.isArray(input)) {
    const { shape, values } = flatten(argument, input, 'number');
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
  return readDataAndShape<Float32Array>(
    argument,
    input,
    'Float32Array',
    'nested arrays of numbers',
  );
}

/** Reads any array of numbers with as many elements as `shape` says. */
export function readNumbers(argument: string, input: unknown, shape: readonly number[]) {
  const type = typeOfArray(input);
  if (typeof input !== 'object' || input === null || type?.startsWith('Big')) {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: 'an array of numbers',
      received: describe(input),
    });
  }
  if (type === 'Float32Array') {
    const data = asPlainView(input as Float32Array);
    expectStorage(argument, { data, shape }, argument);
    return following(data);
  }
  const list = input as ArrayLike<unknown>;
  const { length } = list;
  if (typeof length !== 'number' || length !== elementsOf(shape)) {
    throw new QkvError('ERR_SHAPE', {
      argument,
      expected: `${elementsOf(shape)} numbers for shape ${describe([...shape])}`,
      received: describe(length),
    });
  }
  const numbers = new Float32Array(length);
  for (let i = 0; i < length; ++i) {
    const number = list[i];
    if (typeof number !== 'number') {
      throw new QkvError('ERR_TYPE', {
        argument: `${argument}[${i}]`,
        expected: 'a number',
        received: describe(number),
      });
    }
    numbers[i] = number;
  }
  return () => numbers;
}

/** Reads a boolean tensor or nested arrays of booleans, as bytes. */
export function readBooleanTensor(argument: string, input: unknown): TensorData<Uint8Array> {
  if (Array.isArray(input)) {
    const { shape, values } = flatten(argument, input, 'boolean');
    return { data: Uint8Array.from(values as boolean[], Number), shape };
  }
  return readDataAndShape<Uint8Array>(argument, input, 'Uint8Array', 'nested arrays of booleans');
}

function readDataAndShape<Data extends Float32Array | Uint8Array>(
  argument: string,
  input: unknown,
  type: string,
  alternative: string,
): TensorData<Data> {
  const expected = `{ data: ${type}, shape } or ${alternative}`;
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected,
      received: describe(input),
      ...(ArrayBuffer.isView(input) && {
        fix: 'Give its shape: { data, shape: [rows, columns] }.',
      }),
    });
  }
  const { data, shape } = input as { data?: unknown; shape?: unknown };
  if (typeOfArray(data) !== type) {
    throw new QkvError('ERR_TYPE', {
      argument: `${argument}.data`,
      expected: `a ${type}`,
      received: describe(data),
      ...(ArrayBuffer.isView(data) && { fix: `Convert it: ${type}.from(data).` }),
    });
  }
  return new PlainTensor(argument, asPlainView(data as Data), shape);
}

/** A tensor of the caller. If its data is a view of WebAssembly memory, it follows the growth of that. */
class PlainTensor<Data extends Float32Array | Uint8Array> implements TensorData<Data> {
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
  { data, shape }: TensorData<Float32Array | Uint8Array>,
  name = `${argument}.data`,
): void {
  const expected = elementsOf(shape);
  if (data.length === expected) return;
  if (isDetached(data)) {
    throw new QkvError('ERR_DETACHED', {
      argument: name,
      expected: `${expected} elements for shape ${describe([...shape])}`,
      received: 'an array whose buffer was detached (transferred) or shrunk',
      fix: 'Pass a copy that was not transferred, such as data.slice().',
    });
  }
  throw new QkvError('ERR_SHAPE', {
    argument: name,
    expected: `${expected} elements for shape ${describe([...shape])}`,
    received: `${data.length}`,
  });
}
