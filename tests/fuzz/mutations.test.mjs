// That the generator and the bound of differential.test.mjs notice what goes wrong in attention: a
// model of it in float32 passes as it is, and fails with each mutation, within as many runs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runs } from '../package/random-problem.mjs';
import { firstExcess } from './differential.mjs';
import { modelEngine } from './engines.mjs';

const MUTATIONS = [
  'softcap after bias',
  'causal aligned to the other corner',
  'heads tiled instead of repeated',
  'empty row made uniform',
  'window off by one',
  'maximum not subtracted',
  'poison leaking',
  'sinks ignored in logSumExp',
  'merge without rescaling',
];

describe('random problems notice', () => {
  const { numRuns, seed } = runs(2000);

  for (const mutation of MUTATIONS) {
    test(mutation, () => {
      const excess = firstExcess([modelEngine(mutation)], { numRuns, seed, endOnFailure: true });
      assert.ok(excess, `${numRuns} runs notice it`);
      console.log(`${mutation}: run ${excess.runs}, ${excess.message}`);
    });
  }

  test('nothing where there is no mutation', () => {
    const excess = firstExcess([modelEngine(undefined)], { numRuns, seed });
    assert.equal(excess?.message, undefined);
  });
});
