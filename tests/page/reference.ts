// The tests' reference in the page's words: rows of numbers. It shares no code with the page.

import { attendReference, type Result, type Tensor } from '../reference/attention.mjs';

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

export function attention({ q, k, v }: Problem, options: Options = {}): Solution {
  const { divisor = Math.sqrt(q[0].length), softcap = 0, sees = () => true } = options;
  const seen = q.flatMap((_, i) => k.map((_, j) => Number(sees(i, j))));
  const mask = { data: seen, shape: [q.length, k.length] };
  const steps = attendReference(
    ...([q, k, v].map(tensorOf) as [Tensor, Tensor, Tensor]),
    { scale: 1 / divisor, softcap, mask },
    { contributions: true },
  );
  const rows = ({ data }: Result) => chunksOf([...data], data.length / q.length);
  return {
    products: rows(steps.products),
    scaled: rows(steps.scoresRaw),
    masked: rows(steps.scoresMasked),
    rowMax: [...steps.rowMax.data],
    exponentials: rows(steps.exponentials),
    rowSum: [...steps.rowSum.data],
    weights: rows(steps.weights),
    contributions: rows(steps.contributions).map((row) => chunksOf(row, v[0].length)),
    output: rows(steps.output),
  };
}

const tensorOf = (rows: number[][]): Tensor => ({
  data: rows.flat(),
  shape: [rows.length, rows[0].length],
});

function chunksOf(numbers: number[], length: number): number[][] {
  return Array.from({ length: numbers.length / length }, (_, i) =>
    numbers.slice(i * length, (i + 1) * length),
  );
}

/** The number that a cell of the page stands for, by its key. */
export function valueAt(solution: Solution, key: string): number {
  const [name, ...indices] = key.split(':');
  if (name === 'weightSum') return solution.rowSum[Number(indices[0])] === 0 ? 0 : 1;
  const matrix: unknown = solution[name as keyof Solution];
  return indices.reduce((at: unknown, index) => (at as unknown[])[Number(index)], matrix) as number;
}
