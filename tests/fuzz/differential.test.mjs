// Random problems against the double-precision reference: shapes around every boundary of the tiles, all
// options together, each rank and layout, keys as inputs, resident, in a cache, or in merged parts.
//
//     QKV_SEED=7 QKV_RUNS=20000 node --test tests/fuzz/differential.test.mjs
//     node tests/fuzz/replay.mjs '{"seed":…}'         the recipe that a failure printed

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createAttention } from 'qkv';
import { RUNNABLE } from '../package/variants.mjs';
import { runs } from '../random/runs.mjs';
import { assertWithinBound, firstExcess } from './differential.mjs';
import { packageEngine } from './engines.mjs';

describe('random problems', () => {
  const attentions = [];
  before(async () => {
    for (const variant of RUNNABLE) attentions.push(await createAttention({ variant }));
  });
  after(() => {
    for (const attention of attentions) attention.dispose();
  });

  test(`${RUNNABLE.join(', ')} are within the bound`, () => {
    const { numRuns, seed } = runs(2000);
    console.log(`${numRuns} random problems, QKV_SEED=${seed}`);
    const errors = new Map(RUNNABLE.map((variant) => [variant, { ours: 0, naive: 0 }]));
    const observe = ({ isUsual, expected, naive }, { output }, { name }) => {
      if (!isUsual) return;
      errors.get(name).ours += squaredError(output, expected.output);
      errors.get(name).naive += squaredError(naive.output, expected.output);
    };
    assertWithinBound(attentions.map(packageEngine), { numRuns, seed, observe });
    // One result may be better than float32 by luck, but not the mean over all runs.
    for (const [variant, { ours, naive }] of errors) {
      const ratio = Math.sqrt(ours / naive);
      console.log(`${variant}: ${ratio.toFixed(2)} × the error of naive float32, root mean square`);
      assert.ok(Math.sqrt(ours) <= 2 * Math.sqrt(naive), variant);
    }
  });

  test('each problem frees the memory that it took', () => {
    const engines = attentions.map(packageEngine);
    const use = () => firstExcess(engines, { numRuns: 100, seed: 5 });
    const used = () => attentions.map(({ memory }) => memory.used);
    // The first pass grows the scratch memory to the largest problem.
    use();
    const before = used();
    use();
    assert.deepEqual(used(), before);
  });
});

function squaredError(actual, expected) {
  let sum = 0;
  expected.data.forEach((e, i) => {
    if (Number.isFinite(e)) sum += (actual.data[i] - e) ** 2;
  });
  return sum;
}
