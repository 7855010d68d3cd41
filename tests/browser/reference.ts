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
  rowMax: number[];
  exponentials: number[][];
  rowSum: number[];
  weights: number[][];
  contributions: number[][][];
  output: number[][];
}

export function attention({ q, k, v }: Problem): Solution {
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, d) => sum + x * b[d], 0);
  const products = q.map((query) => k.map((key) => dot(query, key)));
  const scaled = products.map((row) => row.map((s) => s / Math.sqrt(q[0].length)));
  const rowMax = scaled.map((row) => Math.max(...row));
  const exponentials = scaled.map((row, i) => row.map((z) => Math.exp(z - rowMax[i])));
  const rowSum = exponentials.map((row) => row.reduce((sum, e) => sum + e, 0));
  const weights = exponentials.map((row, i) => row.map((e) => e / rowSum[i]));
  const contributions = weights.map((row) => row.map((p, j) => v[j].map((x) => p * x)));
  const output = contributions.map((rows) =>
    v[0].map((_, c) => rows.reduce((sum, row) => sum + row[c], 0)),
  );
  return { products, scaled, rowMax, exponentials, rowSum, weights, contributions, output };
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
