// Runs in a separate Node, with V8's flags for printing or profiling:
//
//     node subject.mjs VARIANT PROBLEM SECONDS
//
// It computes PROBLEM (JSON of problems.mjs) and the limit in turn for SECONDS, and sends its parent
// { ofLimit, version }: the share of the limit in each round, and Node's version. VARIANT 'limit' runs the limit only.

import { readFileSync } from 'node:fs';
import { qkv } from '../../contenders/qkv.mjs';
import { inputsOf, workOf } from '../../problems.mjs';
import { openLoops, workOfLoop } from '../limit/loops.mjs';

const ENOUGH_SECONDS = 1e-3;

const [variant, given, seconds] = process.argv.slice(2);
const problem = JSON.parse(given);
const work = workOf(problem);
const [loop, unit] = problem.resident
  ? [{ loop: 'read', bytes: work.bytes }, 'bytes']
  : [{ loop: 'fused', accumulators: 12 }, 'operations'];
const file = new URL('../../../build/bench/limit.wasm', import.meta.url);
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

/** The rate over as many runs as the clock needs. */
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
