import { type Advice, advice, describe, QkvError } from '../errors.js';
import { notFinite } from './scalars.js';
import { type TypedArray, typeOfArray } from './typed-arrays.js';

/** Whether these are floats. `type` is what the tensor says of its elements. */
export function areFloats(data: TypedArray, type?: unknown): boolean {
  const name = typeOfArray(data) as string;
  return name.startsWith('Float') || (name === 'Uint16Array' && type === 'float16');
}

/** A copy of floats as float32. */
export function floatsOf(argument: string, data: TypedArray): Float32Array {
  switch (typeOfArray(data)) {
    case 'Uint16Array':
      return decodeFloat16(data as Uint16Array);
    case 'Float64Array':
      return roundToFloat32(argument, data as Float64Array);
    default:
      return new Float32Array(data as Float32Array);
  }
}

function roundToFloat32(argument: string, data: Float64Array): Float32Array {
  const floats = new Float32Array(data);
  for (let i = 0; i < floats.length; ++i) {
    if (Number.isFinite(floats[i]) || !Number.isFinite(data[i])) continue;
    throw notFinite(`${argument}[${i}]`, data[i]);
  }
  return floats;
}

/** Exponents of float32 are 112 larger. Subnormals have no exponent, so it is multiplied and not added. */
const EXPONENTS = 2 ** 112;

function decodeFloat16(bits: Uint16Array): Float32Array {
  const floats = new Float32Array(bits.length);
  const words = new Uint32Array(floats.buffer);
  for (let i = 0; i < bits.length; ++i) {
    const half = bits[i] as number;
    const isNumber = (half & 0x7c00) !== 0x7c00; // else infinity or NaN
    words[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13) | (isNumber ? 0 : 0x7f800000);
    if (isNumber) floats[i] = (floats[i] as number) * EXPONENTS;
  }
  return floats;
}

/** The error for the data of a tensor that is not floats. */
export function notFloats(argument: string, data: unknown, count: number, type: unknown): QkvError {
  return new QkvError('ERR_TYPE', {
    argument: `${argument}.data`,
    expected: 'a Float32Array',
    received: describe(data),
    fix: adviceForBytes(data, count) ?? adviceForNumbers(argument, data, type),
  });
}

function adviceForNumbers(argument: string, data: unknown, type: unknown): Advice | undefined {
  const name = typeOfArray(data);
  if (name === 'Uint16Array') {
    return type === 'bfloat16'
      ? advice`Convert it: \`new Float32Array(Uint32Array.from(data, (bits) => bits << 16).buffer)\`.`
      : advice`Say that it is float16: \`{ data, shape, type: 'float16' }\`, or \`{ data: new Float16Array(data.buffer, data.byteOffset, data.length), shape }\`. Convert integers: \`Float32Array.from(data)\`.`;
  }
  const isList = Array.isArray(data) && data.every((x) => typeof x === 'number');
  if (name === undefined && !isList) return undefined;
  const list = data as ArrayLike<unknown>;
  if (argument === 'bias' && Array.from(list).every((x) => Number(x) === 0 || Number(x) === 1)) {
    return advice`If 1 attends and 0 excludes a key, give it as mask. If it is added, convert it: \`Float32Array.from(data, Number)\`.`;
  }
  return advice`Convert it: \`Float32Array.from(data, Number)\`.`;
}

/** Advice for a row of nested arrays that is a typed array. */
export function adviceForRow(row: TypedArray): Advice {
  return typeOfArray(row) === 'Uint16Array'
    ? advice`Of float16 bits give one tensor: \`{ data, shape, type: 'float16' }\`. Of integers make each row \`Float32Array.from(row)\`.`
    : advice`Of integers make each row \`Float32Array.from(row, Number)\`; of float32 bytes, \`new Float32Array(row.buffer, row.byteOffset, row.length / 4)\`.`;
}

const SIZES: Record<number, string> = { 2: 'Uint16Array', 4: 'Float32Array', 8: 'Float64Array' };

/** Advice for bytes that are the numbers of a tensor, judged by how many bytes each would have. */
export function adviceForBytes(data: unknown, count: number): Advice | undefined {
  const isView = data instanceof DataView || typeOfArray(data) === 'Uint8Array';
  const size = isBuffer(data) || isView ? (data as DataView).byteLength / count : 0;
  const type = SIZES[size];
  if (type === undefined) return undefined;
  const { byteOffset, byteLength } = data as DataView;
  const numbers = !isView
    ? `new ${type}(data)`
    : byteOffset % size === 0
      ? `new ${type}(data.buffer, data.byteOffset, ${count})`
      : `new ${type}(data.buffer.slice(data.byteOffset, data.byteOffset + ${byteLength}))`;
  return size === 2
    ? advice`If these bytes are float16, give \`{ data: ${numbers}, shape, type: 'float16' }\`.`
    : advice`If these bytes are float${8 * size}, give \`{ data: ${numbers}, shape }\`.`;
}

function isBuffer(data: unknown): boolean {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(data));
}
