import { test as base, expect } from '@playwright/test';
import puppeteer from 'puppeteer-core';
import { EMPTY_PAGE, PROJECT, serve } from '../server.mjs';

const EVERYTHING = "import('/tests/browser/pool-in-page.mjs').then((page) => page.everything())";

// Nobody tells a page that its worker was terminated: the time limit does.
const EXPECTED = {
  isolated: false,
  right: true,
  aborted: 'signal ERR_ABORTED',
  terminated: 'workers ERR_ABORTED',
  rightAgain: true,
  thrown: 'workers ERR_ABORTED',
  rightOnceMore: true,
  threads: 4,
  disposed: 'pool ERR_DISPOSED',
  notFound: 'workers ERR_WASM_NOT_FOUND',
  silent: 'workers ERR_WASM_NOT_FOUND',
  created: 'resolved',
};

base.describe('a pool of workers, in a page that is not isolated', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  base.beforeAll(async () => {
    server = await serve(PROJECT, { files: { '/': EMPTY_PAGE } });
  });
  base.afterAll(() => server.close());

  base('Chromium', async ({ page }) => {
    base.setTimeout(90_000);
    await page.goto(server.url);
    expect(await page.evaluate(EVERYTHING)).toEqual(EXPECTED);
  });

  base('Firefox', async () => {
    base.setTimeout(90_000);
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
      headless: true,
    });
    try {
      const page = await browser.newPage();
      await page.goto(server.url);
      expect(await page.evaluate(EVERYTHING)).toEqual(EXPECTED);
    } finally {
      await browser.close();
    }
  });
});
