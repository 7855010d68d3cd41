import { describe, QkvError } from '../errors.js';
import { asOneOf } from './named-options.js';

export type Layout = 'bhld' | 'blhd';

export function readLayout(layout: unknown): Layout {
  return layout === undefined ? 'bhld' : asOneOf('layout', layout, ['bhld', 'blhd']);
}

/** A tensor of rank 2 to 4 as [batch, heads, rows, columns], with its strides in elements. */
export interface Geometry {
  readonly rank: number;
  readonly batch: number;
  readonly heads: number;
  readonly rows: number;
  readonly columns: number;
  readonly headsFirst: boolean;
  readonly strides: { readonly batch: number; readonly head: number; readonly row: number };
}

const RANKS = {
  bhld: '[L, D], [H, L, D] or [B, H, L, D]',
  blhd: '[L, D], [L, H, D] or [B, L, H, D]',
};

export function geometryOf(argument: string, shape: readonly number[], layout: Layout): Geometry {
  const rank = shape.length;
  if (rank < 2 || rank > 4) {
    throw new QkvError('ERR_SHAPE', {
      argument: `${argument}.shape`,
      expected: `${RANKS[layout]}`,
      received: describe([...shape]),
    });
  }
  // Without temporary arrays, which would cost too much in a call of a microsecond.
  const columns = shape[rank - 1] as number;
  const third = shape[rank - 2] as number;
  const second = rank > 2 ? (shape[rank - 3] as number) : 1;
  const batch = rank > 3 ? (shape[0] as number) : 1;
  // Rank 2 has no heads, so both layouts mean the same.
  const headsFirst = layout === 'bhld' || rank === 2;
  const heads = headsFirst ? second : third;
  const rows = headsFirst ? third : second;
  return {
    rank,
    batch,
    heads,
    rows,
    columns,
    headsFirst,
    strides: stridesOf(batch, headsFirst, heads, rows, columns),
  };
}

/** The geometry of a tensor like `like` with another number of columns. */
export function withColumns(like: Geometry, columns: number): Geometry {
  const { batch, headsFirst, heads, rows } = like;
  return { ...like, columns, strides: stridesOf(batch, headsFirst, heads, rows, columns) };
}

function stridesOf(
  batch: number,
  headsFirst: boolean,
  heads: number,
  rows: number,
  columns: number,
): Geometry['strides'] {
  return {
    batch: batchStride(batch, heads * rows * columns),
    head: headsFirst ? rows * columns : columns,
    row: headsFirst ? columns : heads * columns,
  };
}

/** A stride of 0 lets one batch element serve all those of a query. */
export function batchStride(batch: number, elements: number): number {
  return batch === 1 ? 0 : elements;
}

/** The shape `like` with another number of columns. */
export function shapeLike(like: readonly number[], columns: number): number[] {
  const shape = like.slice();
  shape[shape.length - 1] = columns;
  return shape;
}

/** A shape of four dimensions, with 1s in front of the given ones. */
export function alignRight(argument: string, shape: readonly number[]): number[] {
  if (shape.length < 1 || shape.length > 4) {
    throw new QkvError('ERR_SHAPE', {
      argument: `${argument}.shape`,
      expected: '1 to 4 dimensions, broadcast to [B, H, L, S]',
      received: describe([...shape]),
    });
  }
  return [1, 1, 1, ...shape].slice(-4);
}
