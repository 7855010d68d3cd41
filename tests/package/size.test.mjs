// How much a browser fetches, as Chromium really does it, and what that may be.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { BUDGET, describeSize, filesOf, total } from '../../tools/size-budget.mjs';
import { CHROMIUM } from '../browser/chromium.mjs';
import { VARIANTS } from './variants.mjs';

const DIST = fileURLToPath(new URL('dist', import.meta.resolve('qkv/package.json')));
const TYPES = { js: 'text/javascript', wasm: 'application/wasm', html: 'text/html' };
const POLICY = "script-src 'self' 'wasm-unsafe-eval'";

let browser;
before(async () => {
  browser = await chromium.launch(CHROMIUM);
});
after(() => browser.close());

/** What the files of dist compute as a page's, and which of them it asked for. */
async function fetchedBy(variant) {
  const page = await browser.newPage();
  const fetched = [];
  await page.route('http://qkv.test/**', (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name !== '') fetched.push(name);
    return route.fulfill({
      contentType: TYPES[name.split('.').at(-1)] ?? TYPES.html,
      headers: { 'content-security-policy': POLICY },
      body: name === '' ? '<!doctype html><title>qkv</title>' : readFileSync(join(DIST, name)),
    });
  });
  await page.goto('http://qkv.test/');
  const output = await page.evaluate(async (variant) => {
    const { createAttention } = await import('/index.js');
    const attention = await createAttention({ variant });
    const { data } = attention.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]).output; // biome-ignore format: matrices
    return [attention.info.variant, ...Array.from(data, (number) => number.toFixed(5))];
  }, variant);
  await page.close();
  return { fetched: fetched.sort(), output };
}

for (const variant of VARIANTS) {
  test(`all that ${variant} fetches is at most ${BUDGET} bytes as brotli`, async (context) => {
    const files = filesOf(DIST, variant);
    const { fetched, output } = await fetchedBy(variant);
    assert.deepEqual(output, [variant, '8.98593', '9.98593']);
    assert.deepEqual(files.map(({ name }) => name).sort(), fetched);
    context.diagnostic(describeSize(files));
    assert.ok(total(files) <= BUDGET, describeSize(files));
  });
}
