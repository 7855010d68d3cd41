// The bytes that Chromium fetches, against the budget.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from '@playwright/test';
import { BUDGET, describeSize, filesOf, total } from '../../tools/release/size-budget.mjs';
import { CHROMIUM } from '../browser/chromium.mjs';
import { DIST, EMPTY_PAGE, policyWith, serve } from '../server.mjs';
import { VARIANTS } from './variants.mjs';

let browser;
before(async () => {
  browser = await chromium.launch(CHROMIUM);
});
after(() => browser.close());

for (const variant of VARIANTS) {
  test(`${variant}: all fetched files are at most ${BUDGET} bytes as brotli`, async (context) => {
    const server = await serve(DIST, { headers: policyWith(), files: { '/': EMPTY_PAGE } });
    context.after(() => server.close());
    const page = await browser.newPage();
    await page.goto(server.origin);
    const chosen = await page.evaluate(async (variant) => {
      const { createAttention } = await import('/index.js');
      return (await createAttention({ variant })).info.variant;
    }, variant);
    await page.close();

    const files = filesOf(DIST, variant);
    context.diagnostic(describeSize(files));
    assert.equal(chosen, variant);
    const expected = ['/', ...files.map(({ name }) => `/${name}`)];
    assert.deepEqual(server.requests.sort(), expected.sort());
    assert.ok(total(files) <= BUDGET, describeSize(files));
  });
}
