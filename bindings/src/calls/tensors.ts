import { describe, QkvError } from '../errors.js';
import { following, moved } from '../memory/heap.js';
import { Resident } from '../memory/resident.js';

/** An input as it was given, read once: numbers, and how they are arranged. */
export interface TensorData<Data extends Float32Array | Uint8Array = Float32Array> {
  readonly data: Data;
  readonly shape: readonly number[];
}

export const MOST_ELEMENTS = 2 ** 31 - 1;

/** Works for arrays of another realm, where `instanceof` does not. */
export function typeOfArray(value: unknown): string | undefined {
  return ArrayBuffer.isView(value) ? TYPE_NAME.call(value) : undefined;
}
const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype);
const TYPE_NAME = Object.getOwnPropertyDescriptor(TYPED_ARRAY, Symbol.toStringTag)?.get as (
  this: unknown,
) => string | undefined;

const OVERRIDABLE = ['buffer', 'byteLength', 'byteOffset', 'length'] as const;

/** The same elements, with no property that the caller may have put in the way. */
export function asPlainView<View extends Float32Array | Uint8Array>(view: View): View {
  const prototype = Object.getPrototypeOf(view);
  // Written out: with names that are constants, engines make these checks cheap.
  const isPlain =
    (prototype === Float32Array.prototype || prototype === Uint8Array.prototype) &&
    !Object.hasOwn(view, 'buffer') &&
    !Object.hasOwn(view, 'byteLength') &&
    !Object.hasOwn(view, 'byteOffset') &&
    !Object.hasOwn(view, 'length') &&
    !Object.hasOwn(view, 'set');
  if (isPlain) return view;
  const read = (name: (typeof OVERRIDABLE)[number]) =>
    Object.getOwnPropertyDescriptor(TYPED_ARRAY, name)?.get?.call(view);
  const Type = (TYPE_NAME.call(view) === 'Uint8Array'
    ? Uint8Array
    : Float32Array) as unknown as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => View;
  const length = read('length');
  // Nothing can be made of a detached buffer; what its view says is checked later.
  return length === 0 ? view : new Type(read('buffer'), read('byteOffset'), length);
}

/** float32 data and shape of a tensor or of nested arrays. */
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

/** The numbers of any array of them, as many as `shape` says; each read once and checked. */
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

/** Mask bytes and shape of a boolean tensor or of nested arrays. */
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

/** Data of the caller's, wherever it is: a view of WebAssembly memory follows the memory's growth. */
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

/** A shape's own copy: integers of at least 0 with a product that can be addressed. */
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
      expected: `at most ${MOST_ELEMENTS} elements`,
      received: `${describe(sizes)}, ${sizes.reduce((a, b) => a * b, 1)} elements`,
    });
  }
  return sizes;
}

function areAddressable(sizes: readonly number[]): boolean {
  for (let i = 0; i < sizes.length; ++i) {
    if ((sizes[i] as number) > MOST_ELEMENTS) return false;
  }
  return elementsOf(sizes) <= MOST_ELEMENTS;
}

export function elementsOf(shape: readonly number[]): number {
  let elements = 1;
  for (let i = 0; i < shape.length; ++i) elements *= shape[i] as number;
  return elements;
}

/** Checks that the data is there, and as long as the shape says. Reads no property a caller defined. */
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

/** Transferred, or a view that no longer fits in its shrunk buffer. */
export function isDetached(data: Float32Array | Uint8Array): boolean {
  if (data.length > 0) return false;
  try {
    new Uint8Array(data.buffer); // throws if it is detached, in every engine
  } catch {
    return true;
  }
  return (data.buffer as ArrayBufferLike & { readonly resizable?: boolean }).resizable === true;
}

/** Shape and values of nested arrays; every row of a level must be as long as the first. */
function flatten(argument: string, input: readonly unknown[], type: 'number' | 'boolean') {
  const shape: number[] = [];
  for (let level: unknown = input; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > 4) {
      throw new QkvError('ERR_SHAPE', {
        argument,
        expected: 'at most 4 dimensions',
        received: 'arrays nested deeper',
      });
    }
    if (level.length === 0) break;
  }
  const values: unknown[] = [];
  const visit = (level: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (typeof level !== type) {
        const isArray = Array.isArray(level);
        throw new QkvError(isArray ? 'ERR_SHAPE' : 'ERR_TYPE', {
          argument: `${argument}${path}`,
          expected: `a ${type}`,
          received: describe(level),
          ...(isArray && { fix: 'All rows must be nested equally deep.' }),
        });
      }
      values.push(level);
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[depth]) {
      throw new QkvError('ERR_SHAPE', {
        argument: `${argument}${path}`,
        expected: `an array of ${shape[depth]}, as long as the rows before it`,
        received: Array.isArray(level) ? `an array of ${level.length}` : describe(level),
        fix: 'Nested arrays must not be ragged.',
      });
    }
    for (let i = 0; i < shape[depth]; ++i) visit(level[i], depth + 1, `${path}[${i}]`);
  };
  visit(input, 0, '');
  return { shape, values };
}
