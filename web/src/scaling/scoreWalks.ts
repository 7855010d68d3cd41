import type { Attention, Tensor } from 'qkv';
import { normalFrom, randomTensor, seededUniform } from '../numbers/seeded.ts';

/** The number of queries, and of keys. */
export const COUNT = 8;
const LARGEST = 1024;

/** The depths that the reader can choose. */
export const POWERS = [2, 4, 8, 16, 32, 64, 128, 256, 512, LARGEST] as const;

/** The depths of the points of a walk: those of the slider, and even steps between them. */
const STEP = 32;
const DEPTHS = [
  ...POWERS.filter((depth) => depth < STEP),
  ...Array.from({ length: LARGEST / STEP }, (_, index) => (index + 1) * STEP),
];

export interface Vectors {
  readonly q: Tensor; // [COUNT, LARGEST]
  readonly k: Tensor; // [COUNT, LARGEST]
}

/** All scores of the first `depth` columns. */
export interface ScoresAtDepth {
  readonly depth: number;
  readonly raw: Float32Array;
  readonly scaled: Float32Array; // by 1/√depth
  readonly rawSpread: number; // root mean square
  readonly scaledSpread: number;
}

/** Draws vectors whose numbers have mean 0 and standard deviation 1. */
export function drawVectors(seed: number): Vectors {
  const normal = normalFrom(seededUniform(seed));
  const shape = [COUNT, LARGEST];
  return { q: randomTensor(normal, shape), k: randomTensor(normal, shape) };
}

export function scoreWalks(engine: Attention, vectors: Vectors): ScoresAtDepth[] {
  return DEPTHS.map((depth) => {
    const raw = scores(engine, vectors, depth, 1);
    const scaled = scores(engine, vectors, depth);
    const [rawSpread, scaledSpread] = [spreadOf(engine, raw), spreadOf(engine, scaled)];
    return { depth, raw, scaled, rawSpread, scaledSpread };
  });
}

/** The first query's scores and weights. */
export interface Weighing {
  readonly scores: Float32Array;
  readonly weights: Float32Array;
  readonly sum: number; // of the weights
}

/** Without `scale`, the engine's default: 1/√depth. */
export function weigh(
  engine: Attention,
  vectors: Vectors,
  depth: number,
  scale?: number,
): Weighing {
  const { q, k } = atDepth(vectors, depth);
  const first = { data: q.data.subarray(0, depth), shape: [1, depth] };
  const { scoresRaw, weights } = engine.attend(first, k, ones(COUNT), {
    ...(scale !== undefined && { scale }),
    capture: ['scoresRaw', 'weights'],
  });
  const shown = dataOf(weights);
  return {
    scores: dataOf(scoresRaw),
    weights: shown,
    sum: product(engine, shown, new Float32Array(COUNT).fill(1), 1),
  };
}

function scores(engine: Attention, vectors: Vectors, depth: number, scale?: number): Float32Array {
  const { q, k } = atDepth(vectors, depth);
  const { scoresRaw } = engine.attend(q, k, ones(COUNT), {
    ...(scale !== undefined && { scale }),
    capture: ['scoresRaw'],
  });
  return dataOf(scoresRaw);
}

/** The dot product of the scores with themselves is the sum of their squares. */
function spreadOf(engine: Attention, numbers: Float32Array): number {
  return Math.sqrt(product(engine, numbers, numbers, 1 / numbers.length));
}

/** scale·a·b */
function product(engine: Attention, a: Float32Array, b: Float32Array, scale: number): number {
  const row = (data: Float32Array) => ({ data, shape: [1, data.length] });
  const { scoresRaw } = engine.attend(row(a), row(b), ones(1), { scale, capture: ['scoresRaw'] });
  return dataOf(scoresRaw)[0] ?? Number.NaN;
}

function atDepth({ q, k }: Vectors, depth: number): Vectors {
  const columns = ({ data }: Tensor) => {
    const kept = new Float32Array(COUNT * depth);
    for (let row = 0; row < COUNT; row++) {
      kept.set(data.subarray(row * LARGEST, row * LARGEST + depth), row * depth);
    }
    return { data: kept, shape: [COUNT, depth] };
  };
  return { q: columns(q), k: columns(k) };
}

/** Values for calls that need only scores and weights. */
function ones(keys: number): Tensor {
  return { data: new Float32Array(keys).fill(1), shape: [keys, 1] };
}

function dataOf(tensor: Tensor | undefined): Float32Array {
  if (!tensor) throw new Error('The engine left out what was asked for.');
  return tensor.data;
}
