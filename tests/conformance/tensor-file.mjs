// Tensors in the format of the ONNX data: raw, C order, little-endian.

/**
 * { dtype, shape, data }: floats of any width become a Float32Array, booleans a Uint8Array, int64 an
 * array of numbers.
 */
export function decodeTensor({ param, dtype, shape }, bytes) {
  const read = READERS[dtype];
  if (!read) throw new Error(`${param}: dtype ${dtype} is not known here`);
  const count = shape.reduce((product, size) => product * size, 1);
  const { width, element, array } = read;
  if (bytes.byteLength !== count * width)
    throw new Error(`${param}: ${bytes.byteLength} bytes for [${shape}] of ${dtype}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data = Array.from({ length: count }, (_, i) => element(view, i * width));
  return { dtype, shape, data: array.from(data) };
}

const READERS = {
  float32: { width: 4, array: Float32Array, element: (view, at) => view.getFloat32(at, true) },
  float16: { width: 2, array: Float32Array, element: (view, at) => half(view.getUint16(at, true)) },
  bool: { width: 1, array: Uint8Array, element: (view, at) => view.getUint8(at) },
  int64: { width: 8, array: Array, element: (view, at) => integer(view.getBigInt64(at, true)) },
};

/** The number with these IEEE half-precision bits. */
function half(bits) {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function integer(value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`${value} is no integer that a double holds`);
  return number;
}
