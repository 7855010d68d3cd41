import { randomLcg, randomNormal } from 'd3-random';

/**
 * The numbers that a seed stands for on the page: d3's generators, of which the first eight numbers are
 * passed over.
 */
export function seededNormal(seed: number): () => number {
  const uniform = randomLcg(seed);
  for (let i = 0; i < 8; i++) uniform();
  return randomNormal.source(uniform)();
}

/** In single precision, as the engine is given them. */
export function normalRows(normal: () => number, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => Math.fround(normal())),
  );
}
