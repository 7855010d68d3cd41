import { EngineAttention } from '../calls/attention.js';
import { readOwn } from '../calls/named-options.js';
import { ProblemMemory } from '../calls/problem.js';
import { asInteger, INT32_MAX } from '../calls/scalars.js';
import { expectNoMore } from '../extra-arguments.js';
import { load } from '../loading/create.js';
import { CREATE_OPTIONS, readSignal } from '../loading/settings.js';
import { WorkerPool } from './pool.js';
import { Team } from './team.js';
import { expectThreads } from './thread.js';
import type { AttentionPool, PoolOptions } from './types.js';

export type { AttentionPool, PoolAttentionOptions, PoolOptions } from './types.js';

const MOST_WORKERS_BY_DEFAULT = 8;
const MOST_WORKERS = 256;
const TIME_LIMIT = 30_000;

/**
 * Starts workers and loads one WebAssembly variant, which is compiled once for all of them. Nothing is
 * fetched or started on import. A failed call may be repeated.
 *
 * @throws QkvError as createAttention() does; ERR_WASM_NOT_FOUND if the script of the workers cannot be
 *   loaded; ERR_UNSUPPORTED if the engine has no workers or refuses them
 */
export function createAttentionPool(options?: PoolOptions): Promise<AttentionPool>;
export async function createAttentionPool(
  options?: PoolOptions,
  ...more: unknown[]
): Promise<AttentionPool> {
  expectNoMore('createAttentionPool(options)', more);
  const raw = readOwn('options', options, [...CREATE_OPTIONS, 'workers', 'timeLimit']);
  const { workers, timeLimit, ...create } = raw;
  const size =
    workers === undefined ? defaultWorkers() : asInteger('workers', workers, 1, MOST_WORKERS);
  const limit =
    timeLimit === undefined ? TIME_LIMIT : asInteger('timeLimit', timeLimit, 1, INT32_MAX);
  expectThreads();
  const { compiled, module, heap, info, maxMemory } = await load(create);
  const order = { kind: 'start', wasm: compiled, variant: info.variant, maxMemory } as const;
  const team = await Team.start(order, size, limit, readSignal(create.signal));
  const attention = new EngineAttention(module, heap, info);
  return new WorkerPool(attention, module, new ProblemMemory(module, heap), team);
}

function defaultWorkers(): number {
  const parallel =
    globalThis.navigator?.hardwareConcurrency ??
    globalThis.process?.getBuiltinModule?.('node:os')?.availableParallelism() ??
    1;
  return Math.min(Math.max(parallel, 1), MOST_WORKERS_BY_DEFAULT);
}
