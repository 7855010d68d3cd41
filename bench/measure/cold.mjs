// First calls, in a fresh process: the time that a person waits who has just opened a page.

import { CONTENDERS } from '../contenders/contenders.mjs';
import { inputsOf } from '../problems.mjs';
import { errorOf, expectedRows, TOLERANCE } from './check.mjs';

const CALLS = 30;
const WARM_CALLS = 10;

/**
 * Gives seconds { loading, firstCall, warmCall } and `fetched`, the paths of the files that the page fetched.
 * `loading` is from import to ready; `warmCall` is the median of the last calls. A page's clock is too coarse
 * for a warm call of microseconds. `environment` is that of measureGroup.
 */
export async function measureCold({ contender, problem }, environment) {
  const inputs = inputsOf(problem);
  const open = CONTENDERS[contender];
  // A user has the model as a file, so making its bytes is not part of loading.
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
