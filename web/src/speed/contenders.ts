import { createAttention, type Variant } from 'qkv';
import type { OnOneThread, Problem } from './measurement.ts';
import { plainAttention } from './plainAttention.ts';
import type { Ready } from './timing.ts';

/** Rejects with the reason if the browser lacks something that the contender needs. */
export async function prepare(contender: OnOneThread, problem: Problem): Promise<Ready> {
  return contender === 'plain' ? plain(problem) : variant(contender, problem);
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
