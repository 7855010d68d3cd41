// The garbage collector, asked for by hand.

import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
export const collectGarbage = runInNewContext('gc');

/** Collects until `isDone()`, or for a second. A task for each: finalizers run, and WeakRefs let go, between. */
export async function collectUntil(isDone) {
  for (let waited = 0; !isDone() && waited < 50; waited++) {
    await setTimeout(10);
    collectGarbage();
    await setTimeout(10);
  }
}
