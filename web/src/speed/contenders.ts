import { createAttention, type Tensor, type Variant } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import type { Contender } from './measurement.ts';
import { plainAttention, type Size } from './plainAttention.ts';

export interface Problem {
  readonly size: Size;
  readonly q: Tensor; // [heads, length, depth], as k and v
  readonly k: Tensor;
  readonly v: Tensor;
}

/** Ready to compute the problem again and again. */
export interface Ready {
  run(): Float32Array | Promise<Float32Array>;
  readonly workers: number;
  dispose(): void;
}

/** Rejects where the browser lacks what is needed, with the reason. */
export async function prepare(contender: Contender, problem: Problem): Promise<Ready> {
  switch (contender) {
    case 'plain':
      return plain(problem);
    case 'pool':
      return pool(problem);
    default:
      return variant(contender, problem);
  }
}

function plain({ size, q, k, v }: Problem): Ready {
  const out = new Float32Array(q.data.length);
  const run = () => {
    plainAttention(q.data, k.data, v.data, size, out);
    return out;
  };
  return { run, workers: 1, dispose: () => undefined };
}

async function variant(name: Variant, { q, k, v }: Problem): Promise<Ready> {
  const engine = await createAttention({ variant: name });
  return {
    run: () => engine.attend(q, k, v).output.data,
    workers: 1,
    dispose: () => engine.dispose(),
  };
}

async function pool({ q, k, v }: Problem): Promise<Ready> {
  const attention = await createAttentionPool();
  return {
    run: async () => (await attention.attend(q, k, v)).output.data,
    workers: attention.workers,
    dispose: () => attention.dispose(),
  };
}
