// Random nodes of ONNX's Attention against onnxruntime-web, an independent engine: every option of the op, every
// variant, keys as inputs and in a cache.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { createAttention } from 'qkv';
import { RUNNABLE } from '../package/variants.mjs';
import { runs } from '../random/runs.mjs';
import { attendReference } from '../reference/attention.mjs';
import { ATTENTION_WAYS, callOf, outputsOf } from './attention-op.mjs';
import { runOnnxruntime, VERSION } from './onnxruntime.mjs';
import { KNOWN } from './onnxruntime-known.mjs';
import { nodeOf, recipe } from './random-node.mjs';
import { differenceOf } from './run-case.mjs';

// Both sum in float32, in different orders. Scores reach about 50.
const TOLERANCE = { relative: 2e-5, absolute: 2e-5 };

describe(`onnxruntime-web ${VERSION}`, () => {
  const engines = [];
  before(async () => {
    for (const variant of RUNNABLE) engines.push(await createAttention({ variant }));
  });
  after(() => {
    for (const attention of engines) attention.dispose();
  });

  /** Every variant and way against `expected`, which is { output: tensor }. */
  function assertOurs(node, expected) {
    for (const attention of engines)
      for (const [way, compute] of Object.entries(ATTENTION_WAYS)) {
        const difference = firstDifference(compute(attention, node), expected);
        if (difference) assert.fail(`${attention.info.variant}, ${way}: ${difference}`);
      }
  }

  test('random nodes agree', async () => {
    const { numRuns, seed } = runs(400);
    const held = new Map();
    const property = fc.asyncProperty(recipe, async (random) => {
      const node = nodeOf(random);
      const known = KNOWN.find(({ isAbout }) => isAbout(node));
      const expected =
        known && !known.mend
          ? referenceOutputs(node)
          : (known?.mend ?? ((outputs) => outputs))(await runOnnxruntime(node));
      assertOurs(node, expected);
      const by = known ? `${known.mend ? 'mended: ' : 'by the reference: '}${known.what}` : 'agree';
      held.set(by, (held.get(by) ?? 0) + 1);
    });
    const details = await fc.check(property, { numRuns, seed });
    if (details.failed) {
      const [random] = details.counterexample;
      const [first] = String(details.errorInstance?.message ?? details.error).split('\n');
      assert.fail(`${first}\nQKV_SEED=${seed}; shrunk to nodeOf(${JSON.stringify(random)})`);
    }
    console.log(`onnxruntime-web ${VERSION}, ${numRuns} nodes, QKV_SEED=${seed}`);
    for (const [by, count] of held) console.log(`${String(count).padStart(6)}  ${by}`);
    assert.ok(held.get('agree') >= numRuns / 3, 'a third is held against onnxruntime-web as it is');
  });

  for (const { what, isRefused, isAbout, example } of KNOWN) {
    test(`known: it ${what}`, async () => {
      assert.ok(isAbout(example));
      const expected = referenceOutputs(example);
      assertOurs(example, expected);
      if (isRefused) {
        await assert.rejects(runOnnxruntime(example), /attn_mask|sequence_length/);
        return;
      }
      const difference = firstDifference(expected, await runOnnxruntime(example));
      assert.ok(difference, 'it does as ONNX says now: take the entry out');
    });
  }
});

function firstDifference(actual, expected) {
  for (const [name, tensor] of Object.entries(expected)) {
    const difference = differenceOf(actual[name], tensor, TOLERANCE);
    if (difference) return `${name}${difference}`;
  }
  return undefined;
}

/** The node's outputs by the double-precision reference. */
function referenceOutputs(node) {
  const call = callOf(node);
  return outputsOf(call, attendReference(call.query, call.key, call.value, call.options));
}
