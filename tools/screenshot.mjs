// npm run screenshot: builds the page and takes the picture of it that README shows.

import { join } from 'node:path';
import { CHROMIUM } from '../tests/browser/chromium.mjs';
import { installBrowsers } from './browsers.mjs';
import { build } from './build.mjs';
import { asCommand, PROJECT } from './project.mjs';

await asCommand(async () => {
  await build();
  const { CHROMIUM: executablePath } = await installBrowsers('chromium');
  const { chromium } = await import('@playwright/test');
  const { servePage } = await import('./serve.mjs');
  const page = await servePage({ port: 0 });
  const browser = await chromium.launch({ ...CHROMIUM, executablePath });
  try {
    const tab = await browser.newPage({
      viewport: { width: 1200, height: 1010 },
      deviceScaleFactor: 1.5,
    });
    await tab.goto(page.address);
    await tab.getByRole('button', { name: /Chances/ }).click();
    await tab.mouse.move(0, 0);
    await tab.evaluate(() => document.activeElement?.blur());
    await tab.screenshot({ path: join(PROJECT, 'docs/page.png') });
  } finally {
    await browser.close();
    await page.close();
  }
});
