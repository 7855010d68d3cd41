/** Attention in double precision, plain loops: what the page is held against. Shares no code with it. */
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
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
  const cap = (z: number) => (softcap > 0 ? softcap * Math.tanh(z / softcap) : z);
  const products = q.map((query) => k.map((key) => dot(query, key)));
  const scaled = products.map((row) => row.map((s) => s / divisor));
  const masked = scaled.map((row, i) => row.map((z, j) => (sees(i, j) ? cap(z) : -Infinity)));
  const rowMax = masked.map((row) => Math.max(...row));
  const exponentials = masked.map((row, i) =>
    row.map((z) => (z === -Infinity ? 0 : Math.exp(z - rowMax[i]))),
  );
  const rowSum = exponentials.map((row) => row.reduce((sum, e) => sum + e, 0));
  const weights = exponentials.map((row, i) =>
    row.map((e) => (rowSum[i] === 0 ? 0 : e / rowSum[i])),
  );
  const contributions = weights.map((row) => row.map((p, j) => v[j].map((x) => p * x)));
  const output = contributions.map((rows) =>
    v[0].map((_, c) => rows.reduce((sum, row) => sum + row[c], 0)),
  );
  return { products, scaled, masked, rowMax, exponentials, rowSum, weights, contributions, output };
}

/** The number that a cell of the page stands for, by its key. */
export function valueAt(solution: Solution, key: string): number {
  const [name, ...indices] = key.split(':');
  if (name === 'weightSum') return solution.rowSum[Number(indices[0])] === 0 ? 0 : 1;
  const matrix: unknown = solution[name as keyof Solution];
  return indices.reduce((at: unknown, index) => (at as unknown[])[Number(index)], matrix) as number;
}

/** A seeded generator (mulberry32), so that a failure can be run again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function random(
  seed: number,
  queries: number,
  keys: number,
  depth: number,
  width: number,
): Problem {
  const next = seeded(seed);
  const matrix = (rows: number, columns: number) =>
    Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => Math.round((next() * 6 - 3) * 100) / 100),
    );
  return { q: matrix(queries, depth), k: matrix(keys, depth), v: matrix(keys, width) };
}
