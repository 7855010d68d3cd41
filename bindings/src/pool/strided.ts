import { advice, QkvError } from '../errors.js';
import { elementsOf } from '../shape.js';

/** [start, end). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A part of a tensor [batch, heads, rows, columns]: a range along each axis. */
export type Box = readonly [batch: Range, heads: Range, rows: Range, columns: Range];

type Strides = readonly [batch: number, head: number, row: number];

export function sizesOf(box: Box): number[] {
  return box.map(({ start, end }) => end - start);
}

/** A tensor [batch, heads, rows, columns] with strides; columns are contiguous. */
export class Strided<Data extends Float32Array | Uint8Array = Float32Array> {
  readonly data: Data;
  readonly #strides: Strides;
  /** Index of element [0, 0, 0, 0]; negative if `data` does not contain it. */
  readonly #origin: number;

  constructor(data: Data, strides: Strides, origin = 0) {
    this.data = data;
    this.#strides = strides;
    this.#origin = origin;
  }

  /** A dense copy of a part, in an array from `reuse` or in a new one. */
  copy(box: Box, reuse?: (length: number) => Data | undefined): Data {
    const sizes = sizesOf(box);
    const length = elementsOf(sizes);
    let copy = reuse?.(length);
    let to = 0;
    this.#eachRun(box, (from, run) => {
      if (run === length && copy === undefined) {
        copy = duplicate(this.data.subarray(from, from + run) as Data);
        return;
      }
      copy ??= allocate(this.data, sizes);
      copyRun(this.data, from, copy, to, run);
      to += run;
    });
    return copy ?? allocate(this.data, sizes);
  }

  /** The same tensor with a copy of one part as its only data. */
  alone(box: Box, reuse?: (length: number) => Data | undefined): Strided<Data> {
    const [, heads, rows, columns] = sizesOf(box) as [number, number, number, number];
    const strides = [heads * rows * columns, rows * columns, columns] as const;
    const [b, h, r, c] = box;
    const first = b.start * strides[0] + h.start * strides[1] + r.start * strides[2] + c.start;
    return new Strided(this.copy(box, reuse), strides, -first);
  }

  /** Writes a part from a dense array. */
  write(box: Box, dense: Data): void {
    let from = 0;
    this.#eachRun(box, (to, length) => {
      copyRun(dense, from, this.data, to, length);
      from += length;
    });
  }

  /** Calls `visit` for each contiguous run of a part, in dense order. */
  #eachRun([b, h, r, c]: Box, visit: (at: number, length: number) => void): void {
    const [batchStride, headStride, rowStride] = this.#strides;
    const columns = c.end - c.start;
    const rows = r.end - r.start;
    const whole = rowStride === columns; // rows of a head are neighbours
    for (let batch = b.start; batch < b.end; ++batch)
      for (let head = h.start; head < h.end; ++head) {
        const at =
          this.#origin + batch * batchStride + head * headStride + r.start * rowStride + c.start;
        if (whole) visit(at, rows * columns);
        else for (let row = 0; row < rows; ++row) visit(at + row * rowStride, columns);
      }
  }
}

/** A loop copies this few numbers faster than set() with a view. */
const FEW = 128;

function copyRun<Data extends Float32Array | Uint8Array>(
  from: Data,
  at: number,
  to: Data,
  start: number,
  length: number,
): void {
  if (length > FEW) to.set(from.subarray(at, at + length), start);
  else for (let i = 0; i < length; ++i) to[start + i] = from[at + i] as number;
}

/** Zeros of the type of `like`. */
export function allocate<Data extends Float32Array | Uint8Array>(
  like: Data,
  shape: readonly number[],
): Data {
  return make(like, elementsOf(shape));
}

/** A copy, without filling the new array with zeros first. */
function duplicate<Data extends Float32Array | Uint8Array>(data: Data): Data {
  return make(data, data);
}

function make<Data extends Float32Array | Uint8Array>(like: Data, content: Data | number): Data {
  try {
    const Type = like.BYTES_PER_ELEMENT === 1 ? Uint8Array : Float32Array;
    return new Type(content as number) as Data;
  } catch (cause) {
    const length = typeof content === 'number' ? content : content.length;
    throw new QkvError('ERR_OOM', {
      argument: 'memory',
      expected: `${length * like.BYTES_PER_ELEMENT} bytes`,
      received: 'an engine that has no room for them',
      fix: advice`Drop what is no longer needed, or capture less.`,
      cause,
    });
  }
}
