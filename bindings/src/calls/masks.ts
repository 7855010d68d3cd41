import { advice, describe, QkvError } from '../errors.js';
import { areFloats } from './float-data.js';
import { flatten } from './nested-arrays.js';
import { expectStorage, PlainTensor, readGiven, readShape, type TensorData } from './tensors.js';
import { asPlainView, type TypedArray, typeOfArray } from './typed-arrays.js';

/** Reads a mask, as bytes: booleans or the integers 0 and 1. In a Uint8Array every number but 0 attends. */
export function readMask(argument: string, input: unknown): TensorData<Uint8Array> {
  if (Array.isArray(input)) {
    const { shape, values } = flatten(argument, input, { check: expectBit, read: bitsOfRow });
    return { data: bytesOf(argument, values), shape };
  }
  if (input === 'causal') {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: 'a tensor of booleans',
      received: describe(input),
      fix: advice`Give isCausal: true, and queryOffset: 'end' if the last query stands at the last key, as in MLX.`,
    });
  }
  const { data, shape, type } = readGiven(
    argument,
    input,
    'Uint8Array',
    'nested arrays of booleans',
  );
  if (typeOfArray(data) === 'Uint8Array')
    return new PlainTensor(argument, asPlainView(data as Uint8Array), shape);
  const name = `${argument}.data`;
  const isTyped = typeOfArray(data) !== undefined;
  if (!isTyped && !Array.isArray(data)) throw notBits(name, data);
  const sizes = readShape(argument, shape);
  if (isTyped) {
    const view = asPlainView(data as TypedArray);
    expectStorage(argument, { data: view, shape: sizes });
    return { data: bytesOfTyped(name, view, type), shape: sizes };
  }
  const items = Array.from(data as unknown[]);
  for (const [i, item] of items.entries()) expectBit(`${name}[${i}]`, item);
  const tensor = { data: bytesOf(name, items), shape: sizes };
  expectStorage(argument, tensor);
  return tensor;
}

function notBits(argument: string, data: unknown): QkvError {
  return new QkvError('ERR_TYPE', {
    argument,
    expected: 'a Uint8Array',
    received: describe(data),
    ...(data instanceof DataView && {
      fix: advice`View its bytes: \`new Uint8Array(data.buffer, data.byteOffset, data.byteLength)\`.`,
    }),
  });
}

function expectBit(argument: string, item: unknown): void {
  if (typeof item === 'boolean' || isBit(item)) return;
  const isNumber = typeof item === 'number' || typeof item === 'bigint';
  const isAdded = isNumber && !(Number.isInteger(Number(item)) && item > 0);
  throw new QkvError(isNumber ? 'ERR_VALUE' : 'ERR_TYPE', {
    argument,
    expected: 'a boolean, 0 or 1',
    received: describe(item),
    ...(isNumber && {
      fix: isAdded
        ? advice`Numbers that are added to scores are no mask: give them as bias.`
        : advice`Give booleans: true attends a key.`,
    }),
  });
}

/** Equal to 0 or 1, as a number or bigint. */
function isBit(item: unknown): boolean {
  return item === 0 || item === 1 || item === 0n || item === 1n;
}

/** Integers that are typed mean bits; numbers may also be added to scores. */
function bitsOfRow(_argument: string, row: TypedArray): ArrayLike<unknown> {
  return areFloats(row)
    ? row
    : Array.from(row as ArrayLike<unknown>, (x) => (isBit(x) ? Boolean(x) : x));
}

/** Zeros alone may be a mask that excludes all keys, or what is added to scores and excludes none. */
function bytesOf(argument: string, bits: readonly unknown[]): Uint8Array {
  if (bits.length > 0 && bits.every((bit) => bit === 0)) {
    throw new QkvError('ERR_VALUE', {
      argument,
      expected: 'booleans, or at least one 1',
      received: 'the number 0 only, which may be added to scores or exclude a key',
      fix: advice`If it is added to scores, give it as bias. If it excludes every key, give false.`,
    });
  }
  return Uint8Array.from(bits, Number);
}

function bytesOfTyped(argument: string, data: TypedArray, type: unknown): Uint8Array {
  const items = data as ArrayLike<number>; // or of bigints
  const other = Array.prototype.findIndex.call(items, (item) => !isBit(item));
  if (areFloats(data, type)) {
    throw new QkvError('ERR_TYPE', {
      argument,
      expected: 'integers',
      received: describe(data),
      fix:
        other < 0
          ? advice`If 1 attends and 0 excludes a key, convert it: \`Uint8Array.from(data)\`. If it is added to scores, give it as bias.`
          : advice`A mask of floats is added to scores: give it as bias.`,
    });
  }
  if (other < 0) return Uint8Array.from(items, Number);
  throw new QkvError('ERR_VALUE', {
    argument: `${argument}[${other}]`,
    expected: '0 or 1',
    received: describe(items[other]),
    fix: advice`If every number but 0 attends, give \`Uint8Array.from(data, Boolean)\`. If they are added to scores, give \`Float32Array.from(data, Number)\` as the data of bias.`,
  });
}
