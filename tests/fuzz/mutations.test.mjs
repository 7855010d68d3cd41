// The random problems and the bound of differential.test.mjs notice each wrong rule of attention: the reference
// in naive float32 passes, and fails with any of its rules replaced, within as many runs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runs } from '../random/runs.mjs';
import { RULES } from '../reference/attention.mjs';
import { firstExcess } from './differential.mjs';
import { referenceEngine } from './engines.mjs';

const MUTATIONS = {
  'softcap after bias': {
    softcap: (score) => score,
    addBias: (score, added, cap) => RULES.softcap(score + added, cap),
  },
  'causal aligned to the other corner': {
    lastCausalKey: (position, i, end) => (position === i ? i + end : i),
  },
  'heads tiled instead of repeated': { keyHead: (head, _heads, keyHeads) => head % keyHeads },
  'empty row made uniform': { weightInEmptyRow: (keys) => 1 / keys },
  'window off by one': { isBeforeWindow: (j, position, left) => j < position - left + 1 },
  'maximum not subtracted': { shift: () => 0 },
  'poison leaking': { addsValue: () => true },
  'an attended value with weight 0 skipped': { addsValue: () => false },
  'sinks ignored in logSumExp': { logSumExp: (shift, _sum, ofKeys) => shift + Math.log(ofKeys) },
  'merge without rescaling': { shareOfPart: (_rescaled, _sum, parts) => 1 / parts },
};

describe('random problems notice', () => {
  const { numRuns, seed } = runs(2000);

  for (const [name, mutation] of Object.entries(MUTATIONS)) {
    test(name, () => {
      const engine = referenceEngine({ ...RULES, ...mutation });
      const excess = firstExcess([engine], { numRuns, seed, endOnFailure: true });
      assert.ok(excess, `${numRuns} runs notice it`);
      console.log(`${name}: run ${excess.runs}, ${excess.message}`);
    });
  }

  test('nothing in the reference itself', () => {
    const excess = firstExcess([referenceEngine(RULES)], { numRuns, seed });
    assert.equal(excess?.message, undefined);
  });
});
