// What somebody meets who has just opened a page: everything for the first time, in a fresh process.

import { CONTENDERS } from '../contenders/contenders.mjs';
import { inputsOf } from '../problems.mjs';
import { errorOf, expectedRows, TOLERANCE } from './check.mjs';

const CALLS = 30;
const WARM_CALLS = 10;

/**
 * Seconds { loading, firstCall, warmCall }: from import to ready, of the first call and, as the median of
 * the last of some, of a later one; and `fetched`, the paths of the files that a page fetched for it. A
 * page's clock cannot tell a warm call of microseconds. `environment` is that of measureGroup.
 */
export async function measureCold({ contender, problem }, environment) {
  const inputs = inputsOf(problem);
  const open = CONTENDERS[contender];
  // The bytes of the model are somebody's file, not a part of loading.
  const described = open.modelOf?.(problem, inputs);
  const bytes = described && (await environment.model(described));
  const given = { ...environment, model: async () => bytes };

  performance.clearResourceTimings?.();
  const began = performance.now();
  const { prepare } = await open(given);
  const { run, outputOf } = await prepare(problem, inputs);
  const ready = performance.now();
  const result = await run();
  const done = performance.now();

  const error = errorOf(outputOf(result), expectedRows(problem, inputs), problem);
  if (error > TOLERANCE) throw new Error(`${contender} is wrong by ${error}`);
  return {
    loading: (ready - began) / 1000,
    firstCall: (done - ready) / 1000,
    warmCall: await warmCall(run),
    fetched: performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((path) => path !== '/model'),
  };
}

async function warmCall(run) {
  const seconds = [];
  for (let i = 0; i < CALLS; i++) {
    const began = performance.now();
    await run();
    seconds.push((performance.now() - began) / 1000);
  }
  const last = seconds.slice(-WARM_CALLS).sort((a, b) => a - b);
  return last[WARM_CALLS / 2];
}
