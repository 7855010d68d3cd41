import { randomLcg, randomNormal } from 'd3-random';
import type { Problem } from './reference.ts';

/** Numbers between −3 and 3 with two decimals, the same for the same seed. */
export function random(
  seed: number,
  queries: number,
  keys: number,
  depth: number,
  width: number,
): Problem {
  const next = passOver(randomLcg(seed));
  const matrix = (rows: number, columns: number) =>
    Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => Math.round((next() * 6 - 3) * 100) / 100),
    );
  return { q: matrix(queries, depth), k: matrix(keys, depth), v: matrix(keys, width) };
}

/** The numbers that a seed stands for on the page: d3's generators, without the first eight. */
export function seededNormal(seed: number): () => number {
  return randomNormal.source(passOver(randomLcg(seed)))();
}

function passOver(uniform: () => number): () => number {
  for (let i = 0; i < 8; i++) uniform();
  return uniform;
}

/** In single precision, as the engine is given them. */
export function normalRows(normal: () => number, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, () =>
    Array.from({ length: columns }, () => Math.fround(normal())),
  );
}
