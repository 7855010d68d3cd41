import { createAttentionPool } from 'qkv/pool';
import type { Problem } from './measurement.ts';
import type { Ready } from './timing.ts';

/** Call it in the page, after `allowOwnScripts()`. The signal stops it at any time. */
export async function preparePool({ q, k, v }: Problem, signal: AbortSignal): Promise<Ready> {
  const attention = await createAttentionPool({ signal });
  signal.addEventListener('abort', () => attention.dispose());
  return {
    run: async () => (await attention.attend(q, k, v)).output.data,
    workers: attention.workers,
    dispose: () => attention.dispose(),
  };
}
