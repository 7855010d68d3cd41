// Runs the garbage collector.

import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc');

/** Collects until `isDone()`, or for a second. Each collection is a task: finalizers run between tasks. */
export async function collectUntil(isDone) {
  for (let waited = 0; !isDone() && waited < 50; waited++) {
    await setTimeout(10);
    collectGarbage();
    await setTimeout(10);
  }
}
