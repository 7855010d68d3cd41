// Inputs from a seed, the same in every engine: integer arithmetic, and no function of Math that may
// differ in its last bits.

import fc from 'fast-check';

/** Uniform integers in [0, 2³²) (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  };
}

/** Numbers of mean 0 and variance 1: twelve uniforms less six (Irwin-Hall). */
export function normals(next, count) {
  return Float32Array.from({ length: count }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next() / 2 ** 32;
    return sum;
  });
}

export function elements(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

export function tensor(next, shape) {
  return { data: normals(next, elements(shape)), shape };
}

/** Query, key and value of a geometry { rank, batch, keyHeads, group, queries, keys, depth, valueDepth }. */
export function inputsOf({ seed, rank, batch, keyHeads, group, queries, keys, depth, valueDepth }) {
  const next = random(seed);
  const last = (...shape) => tensor(next, shape.slice(4 - rank));
  return {
    query: last(batch, keyHeads * group, queries, depth),
    key: last(batch, keyHeads, keys, depth),
    value: last(batch, keyHeads, keys, valueDepth),
  };
}

// Lanes are 4; tiles have 2, 3 or 4 elements and 4, 8, 12 or 24 rows; groups are of 24; blocks of 48 rows and
// 120 keys, of few rows 480; values more than 96 elements apart are far. Each, one less, one more.
const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17];
const size = (...more) => fc.constantFrom(...SIZES, ...more);

/** Geometries on and beside the boundaries of lanes and tiles; ranks without batch or heads have one of them. */
export const geometry = fc
  .record({
    seed: fc.nat(),
    rank: fc.constantFrom(2, 3, 4),
    batch: fc.constantFrom(1, 2, 3),
    keyHeads: fc.constantFrom(1, 2, 3),
    group: fc.constantFrom(1, 2, 3),
    queries: size(23, 24, 25, 29, 35, 36, 37, 47, 48, 49),
    keys: size(23, 24, 25, 119, 120, 121, 257, 479, 480, 481),
    depth: size(31, 32, 33, 64),
    valueDepth: size(23, 24, 25, 31, 32, 33, 64, 97, 128),
  })
  .map((g) => ({
    ...g,
    batch: g.rank < 4 ? 1 : g.batch,
    ...(g.rank < 3 && { keyHeads: 1, group: 1 }),
  }));

/** The same tensor with its heads behind its rows, and back: [.., H, L, D] ↔ [.., L, H, D]. */
export function swapHeadsAndRows({ data, shape }) {
  if (shape.length < 3) return { data, shape };
  const [batch, heads, rows, columns] = [1, ...shape].slice(-4);
  const swapped = new Float32Array(data.length);
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < rows; i++)
        for (let c = 0; c < columns; c++)
          swapped[((b * rows + i) * heads + h) * columns + c] =
            data[((b * heads + h) * rows + i) * columns + c];
  return { data: swapped, shape: [batch, rows, heads, columns].slice(4 - shape.length) };
}

/** Runs of a property; QKV_RUNS=5000 looks longer, QKV_SEED=… elsewhere. A failure prints its seed. */
export function runs(count) {
  return {
    numRuns: Number(process.env.QKV_RUNS ?? count),
    seed: Number(process.env.QKV_SEED ?? 1706_03762),
  };
}
