// The cases of onnx.test.mjs in Chromium: a page imports the built module.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium } from '@playwright/test';
import { CHROMIUM } from '../browser/chromium.mjs';
import { VARIANTS } from '../package/variants.mjs';
import { EMPTY_PAGE, PROJECT, serve } from '../server.mjs';
import { MISSING, readCases } from './case-folder.mjs';
import { resultsTable } from './results-table.mjs';

describe('ONNX cases in Chromium', () => {
  if (MISSING) {
    test('Attention and RotaryEmbedding', { skip: MISSING }, () => {});
    return;
  }
  const cases = readCases();
  const results = [];
  let server;
  let browser;
  before(async () => {
    const files = cases.flatMap(({ name, bytes }) =>
      Object.entries(bytes).map(([file, contents]) => [`/cases/${name}/${file}`, contents]),
    );
    server = await serve(PROJECT, { files: { '/': EMPTY_PAGE, ...Object.fromEntries(files) } });
    browser = await chromium.launch(CHROMIUM);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    console.log(resultsTable(`ONNX, Chromium ${browser?.version()}`, results));
  });

  for (const variant of VARIANTS) {
    test(`${cases.length} cases, ${variant}`, async (t) => {
      const page = await browser.newPage();
      await page.goto(server.url);
      const descriptions = cases.map(({ bytes, ...description }) => description);
      const all = await page.evaluate(runInPage, { variant, descriptions });
      await page.close();
      assert.equal(all.length, cases.length);
      for (const { name, ways } of all) {
        const failures = ways.filter(({ failure }) => failure);
        results.push({ name, variant, failures });
        await t.test(name, () => {
          assert.ok(ways.length > 0);
          assert.deepEqual(failures, []);
        });
      }
    });
  }
});

/** Runs in the page, which gets its source: it can use nothing from outside. */
async function runInPage({ variant, descriptions }) {
  const { createAttention } = await import('/bindings/dist/index.js');
  const { runCase } = await import('/tests/conformance/run-case.mjs');
  const attention = await createAttention({ variant });
  const results = [];
  for (const description of descriptions) {
    const tensors = [...description.inputs, ...description.outputs].filter((t) => !t.missing);
    const bytes = new Map();
    for (const { file } of tensors) {
      const response = await fetch(`/cases/${description.name}/${file}`);
      if (!response.ok) throw new Error(`${file}: ${response.status}`);
      bytes.set(file, new Uint8Array(await response.arrayBuffer()));
    }
    const ways = runCase(attention, description, (file) => bytes.get(file));
    results.push({ name: description.name, ways });
  }
  attention.dispose();
  return results;
}
