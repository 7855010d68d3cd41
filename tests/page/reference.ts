/** The tests' own attention, in double precision, as rows of numbers: what the page is held against. */
import { attendReference } from '../package/reference.mjs';

export interface Problem {
  readonly q: number[][];
  readonly k: number[][];
  readonly v: number[][];
}

export const ARTICLE: Problem = {
  q: [[3, 4]],
  k: [
    [1, 2],
    [2, 3],
  ],
  v: [
    [7, 8],
    [9, 10],
  ],
};

export interface Solution {
  products: number[][];
  scaled: number[][];
  masked: number[][];
  rowMax: number[];
  exponentials: number[][];
  rowSum: number[];
  weights: number[][];
  contributions: number[][][];
  output: number[][];
}

export interface Options {
  /** What the scores are divided by; √d_k without it. */
  readonly divisor?: number;
  /** 0 is off. */
  readonly softcap?: number;
  /** Whether query i sees key j. */
  readonly sees?: (i: number, j: number) => boolean;
}

/** Attention of one head. */
export function attention({ q, k, v }: Problem, options: Options = {}): Solution {
  const { divisor = Math.sqrt(q[0].length), softcap = 0, sees = () => true } = options;
  const [queries, keys, width] = [q.length, k.length, v[0].length];
  const mask = q.flatMap((_, i) => k.map((_, j) => sees(i, j)));
  const result = attendReference(tensor(q), tensor(k), tensor(v), {
    scale: 1 / divisor,
    softcap,
    mask: { data: mask, shape: [queries, keys] },
  }) as unknown as Record<string, { data: number[] }>;
  const matrix = (name: string): number[][] => cut(result[name].data, keys);
  return {
    products: matrix('products'),
    scaled: matrix('scoresRaw'),
    masked: matrix('scoresMasked'),
    rowMax: result.rowMax.data,
    exponentials: matrix('exponentials'),
    rowSum: result.rowSum.data,
    weights: matrix('weights'),
    contributions: cut(cut(result.contributions.data, width), keys),
    output: cut(result.output.data, width),
  };
}

function tensor(rows: number[][]) {
  return { data: rows.flat(), shape: [rows.length, rows[0].length] };
}

function cut<Item>(items: Item[], length: number): Item[][] {
  const rows: Item[][] = [];
  for (let at = 0; at < items.length; at += length) rows.push(items.slice(at, at + length));
  return rows;
}

/** The number that a cell of the page stands for, by its key. */
export function valueAt(solution: Solution, key: string): number {
  const [name, ...indices] = key.split(':');
  if (name === 'weightSum') return solution.rowSum[Number(indices[0])] === 0 ? 0 : 1;
  const matrix: unknown = solution[name as keyof Solution];
  return indices.reduce((at: unknown, index) => (at as unknown[])[Number(index)], matrix) as number;
}
