// Every case of the ONNX project for its Attention and RotaryEmbedding operators, in every variant of this
// engine.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createAttention } from 'qkv';
import { RUNNABLE } from '../package/variants.mjs';
import { MISSING, readCases } from './case-folder.mjs';
import { resultsTable } from './results-table.mjs';
import { runCase } from './run-case.mjs';

describe('ONNX cases', () => {
  if (MISSING) {
    test('Attention and RotaryEmbedding', { skip: MISSING }, () => {});
    return;
  }
  const cases = readCases();
  const results = [];
  for (const variant of RUNNABLE) {
    test(`${cases.length} cases, ${variant}`, async (t) => {
      const attention = await createAttention({ variant });
      for (const { bytes, ...description } of cases) {
        const { name } = description;
        const ways = runCase(attention, description, (file) => bytes[file]);
        const failures = ways.filter(({ failure }) => failure);
        results.push({ name, variant, failures });
        await t.test(name, () => {
          assert.deepEqual(failures, []);
        });
      }
      attention.dispose();
    });
  }
  after(() => console.log(resultsTable(`ONNX, Node ${process.versions.node}`, results)));
});
