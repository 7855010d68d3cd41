// What runs in a Node of its own, with the flags that print or profile it:
//
//     node subject.mjs VARIANT PROBLEM SECONDS
//
// computes PROBLEM (JSON of problems.mjs) in turn with the machine's limit for SECONDS. Its parent gets
// { ofLimit, version }: the share of the limit in each round, and Node's version. VARIANT 'limit' is the limit alone.

import { readFileSync } from 'node:fs';
import { qkv } from '../contenders/qkv.mjs';
import { openLoops, workOfLoop } from '../limit/loops.mjs';
import { inputsOf, workOf } from '../problems.mjs';

const ENOUGH_SECONDS = 1e-3;

const [variant, given, seconds] = process.argv.slice(2);
const problem = JSON.parse(given);
const work = workOf(problem);
const [loop, unit] = problem.resident
  ? [{ loop: 'read', bytes: work.bytes }, 'bytes']
  : [{ loop: 'fused', accumulators: 12 }, 'operations'];
const file = new URL('../../build/bench/limit.wasm', import.meta.url);
const limit = (await openLoops(readFileSync(file)))(loop);
const subject =
  variant === 'limit' ? limit : (await qkv(variant)()).prepare(problem, inputsOf(problem));

const ofLimit = [];
const end = performance.now() + 1000 * Number(seconds);
do {
  const most = rateOf(() => limit.run(), workOfLoop(loop)[unit]);
  ofLimit.push(rateOf(() => subject.run(), work[unit]) / most);
} while (performance.now() < end);
process.send?.({ ofLimit, version: process.versions.node });

/** Of as many runs as are long enough for the clock. */
function rateOf(run, workOfRun) {
  const began = performance.now();
  let runs = 0;
  let elapsed = 0;
  do {
    run();
    runs++;
    elapsed = (performance.now() - began) / 1000;
  } while (elapsed < ENOUGH_SECONDS);
  return (runs * workOfRun) / elapsed;
}
