import type { Tensor } from 'qkv';
import { normalFrom, seededUniform } from '../numbers/seeded.ts';

export const DEPTH = 64;

const TOPICS = 6;
/** Passages are from 1/32 to about 1/5 of the sequence long. */
const SHORTEST = 1 / 32;
const LONGER = 1 / 6;
/** A token's vector is a sum of its topic, a slow random walk, and noise that differs for query and key. */
const PART = { topic: 0.6, walk: 0.6, noise: 0.5 } as const;
/** The part of the walk's last step that is kept. */
const KEPT = 0.9;

/**
 * Queries and keys of a made-up text, [length, DEPTH] each: passages on a few topics that return. Tokens
 * of one topic are similar, and neighbours are more similar.
 */
export function drawSequence(seed: number, length: number): { q: Tensor; k: Tensor } {
  const uniform = seededUniform(seed);
  const normal = normalFrom(uniform);
  const vector = () => Array.from({ length: DEPTH }, normal);
  const topics = Array.from({ length: TOPICS }, vector);
  const q = new Float32Array(length * DEPTH);
  const k = new Float32Array(length * DEPTH);
  let topic: readonly number[] = [];
  let walk = vector();
  let left = 0;
  for (let token = 0; token < length; token++) {
    if (left-- <= 0) {
      topic = topics[Math.floor(uniform() * TOPICS)] ?? [];
      left = Math.floor(length * (SHORTEST + uniform() * LONGER));
    }
    walk = walk.map((x) => KEPT * x + Math.sqrt(1 - KEPT * KEPT) * normal());
    for (const [d, x] of walk.entries()) {
      const meaning = PART.topic * (topic[d] ?? 0) + PART.walk * x;
      q[token * DEPTH + d] = meaning + PART.noise * normal();
      k[token * DEPTH + d] = meaning + PART.noise * normal();
    }
  }
  const shape = [length, DEPTH];
  return { q: { data: q, shape }, k: { data: k, shape } };
}
